/** Go's layouts of time: `2006-01-02 15:04:05`. Times are of UTC. */
const months = ['January', 'February', 'March', 'April', 'May', 'June', 'July', 'August', 'September', 'October', 'November', 'December']
const days = ['Sunday', 'Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday']

const token = /January|Jan|Monday|Mon|MST|2006|-07:00:00|-07:00|-070000|-0700|-07|Z07:00:00|Z07:00|Z070000|Z0700|Z07|_2006|002|__2|01|02|03|04|05|06|15|PM|pm|_2|[.,]0+(?!\d)|[.,]9+(?!\d)|1|2|3|4|5/g

const pad = (value: number, width = 2, fill = '0'): string => String(value).padStart(width, fill)

function dayOfYear(date: Date): number {
  return Math.floor((date.getTime() - Date.UTC(date.getUTCFullYear(), 0, 1)) / 86_400_000) + 1
}

const hour12 = (date: Date): number => date.getUTCHours() % 12 || 12

const writers: Readonly<Record<string, (date: Date) => string>> = {
  January: (d) => months[d.getUTCMonth()] as string, Jan: (d) => (months[d.getUTCMonth()] as string).slice(0, 3),
  Monday: (d) => days[d.getUTCDay()] as string, Mon: (d) => (days[d.getUTCDay()] as string).slice(0, 3), MST: () => 'UTC',
  '2006': (d) => pad(d.getUTCFullYear(), 4), '_2006': (d) => `_${pad(d.getUTCFullYear(), 4)}`, '06': (d) => pad(d.getUTCFullYear() % 100),
  '01': (d) => pad(d.getUTCMonth() + 1), '1': (d) => String(d.getUTCMonth() + 1),
  '02': (d) => pad(d.getUTCDate()), '_2': (d) => pad(d.getUTCDate(), 2, ' '), '2': (d) => String(d.getUTCDate()), '002': (d) => pad(dayOfYear(d), 3), '__2': (d) => pad(dayOfYear(d), 3, ' '),
  '15': (d) => pad(d.getUTCHours()), '03': (d) => pad(hour12(d)), '3': (d) => String(hour12(d)),
  '04': (d) => pad(d.getUTCMinutes()), '4': (d) => String(d.getUTCMinutes()), '05': (d) => pad(d.getUTCSeconds()), '5': (d) => String(d.getUTCSeconds()),
  PM: (d) => (d.getUTCHours() < 12 ? 'AM' : 'PM'), pm: (d) => (d.getUTCHours() < 12 ? 'am' : 'pm'),
  '-0700': () => '+0000', '-07:00': () => '+00:00', '-07': () => '+00', '-070000': () => '+000000', '-07:00:00': () => '+00:00:00',
  'Z07:00': () => 'Z', Z0700: () => 'Z', Z07: () => 'Z', Z070000: () => 'Z', 'Z07:00:00': () => 'Z',
}

function fraction(date: Date, word: string): string {
  const digits = `${pad(date.getUTCMilliseconds(), 3)}000000`.slice(0, word.length - 1)
  if (word.charAt(1) === '0') return word.charAt(0) + digits
  const short = digits.replace(/0+$/, '')
  return short === '' ? '' : word.charAt(0) + short
}

export function formatTime(ms: number, layout: string): string {
  const date = new Date(ms)
  return layout.replace(token, (word) => writers[word]?.(date) ?? fraction(date, word))
}

type Fields = Record<string, number>

const readers: Readonly<Record<string, readonly [string, (text: string, fields: Fields) => void]>> = {
  '2006': [String.raw`\d{4}`, (text, fields) => (fields['year'] = Number(text))],
  '06': [String.raw`\d{2}`, (text, fields) => (fields['year'] = Number(text) + (Number(text) >= 69 ? 1900 : 2000))],
  '01': [String.raw`\d{2}`, (text, fields) => (fields['month'] = Number(text))],
  '1': [String.raw`\d{1,2}`, (text, fields) => (fields['month'] = Number(text))],
  January: [months.join('|'), (text, fields) => (fields['month'] = months.indexOf(text) + 1)],
  Jan: [months.map((month) => month.slice(0, 3)).join('|'), (text, fields) => (fields['month'] = months.findIndex((month) => month.startsWith(text)) + 1)],
  '02': [String.raw`\d{2}`, (text, fields) => (fields['day'] = Number(text))],
  '2': [String.raw`\d{1,2}`, (text, fields) => (fields['day'] = Number(text))],
  '_2': [String.raw`[ \d]\d`, (text, fields) => (fields['day'] = Number(text))],
  '15': [String.raw`\d{2}`, (text, fields) => (fields['hour'] = Number(text))],
  '04': [String.raw`\d{2}`, (text, fields) => (fields['minute'] = Number(text))],
  '05': [String.raw`\d{2}(?:\.\d+)?`, (text, fields) => (fields['second'] = Number(text))],
  MST: ['[A-Z]{3,4}', () => undefined],
  Monday: [days.join('|'), () => undefined],
  Mon: [days.map((day) => day.slice(0, 3)).join('|'), () => undefined],
  'Z07:00': [String.raw`Z|[-+]\d{2}:\d{2}`, zone], '-0700': [String.raw`[-+]\d{4}`, zone], '-07:00': [String.raw`[-+]\d{2}:\d{2}`, zone],
}

function zone(text: string, fields: Fields): void {
  const match = /^([-+])(\d{2}):?(\d{2})$/.exec(text)
  fields['offset'] = match ? (match[1] === '-' ? -1 : 1) * (Number(match[2]) * 60 + Number(match[3])) : 0
}

/** Undefined where the text does not follow the layout. */
export function parseTime(layout: string, text: string): number | undefined {
  const words: string[] = []
  const source = layout.split(new RegExp(`(${token.source})`)).map((part, index) => {
    const reader = index % 2 === 1 ? readers[part] : undefined
    if (!reader) return part.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')
    words.push(part)
    return `(${reader[0]})`
  })
  const match = new RegExp(`^${source.join('')}$`).exec(text)
  if (!match) return undefined
  const fields: Fields = {}
  words.forEach((word, index) => readers[word]?.[1](match[index + 1] as string, fields))
  const { year = 0, month = 1, day = 1, hour = 0, minute = 0, second = 0, offset = 0 } = fields
  const date = new Date(0)
  date.setUTCFullYear(year, month - 1, day)
  return date.getUTCMonth() === month - 1 ? date.getTime() + (hour * 3600 + (minute - offset) * 60 + second) * 1000 : undefined
}
