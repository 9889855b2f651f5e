/** Zones without a database: UTC, POSIX TZ strings, and the common names at their standard time. */
const named: Readonly<Record<string, readonly [minutes: number, name: string]>> = {
  'America/New_York': [-300, 'EST'], 'America/Chicago': [-360, 'CST'], 'America/Denver': [-420, 'MST'], 'America/Los_Angeles': [-480, 'PST'], 'Europe/London': [0, 'GMT'],
  'Europe/Berlin': [60, 'CET'], 'Europe/Paris': [60, 'CET'], 'Europe/Madrid': [60, 'CET'], 'Europe/Rome': [60, 'CET'], 'Europe/Vienna': [60, 'CET'], 'Europe/Amsterdam': [60, 'CET'], 'Europe/Helsinki': [120, 'EET'], 'Europe/Moscow': [180, 'MSK'],
  'Asia/Tokyo': [540, 'JST'], 'Asia/Kolkata': [330, 'IST'], 'Asia/Shanghai': [480, 'CST'], 'Asia/Singapore': [480, '+08'], 'Australia/Sydney': [600, 'AEST'],
}

export function zoneOf(tz: string | undefined): { offset: number; name: string } {
  const text = (tz ?? '').replace(/^:/, '')
  const known = named[text]
  if (known) return { offset: known[0], name: known[1] }
  const posix = /^([A-Za-z]{3,}|<[^>]+>)([-+]?)(\d{1,2})(?::(\d\d))?/.exec(text)
  if (posix) return { offset: (posix[2] === '-' ? 1 : -1) * (Number(posix[3]) * 60 + Number(posix[4] ?? 0)) || 0, name: (posix[1] as string).replace(/[<>]/g, '') }
  return { offset: 0, name: /^[A-Za-z]{3,}$/.test(text) && text !== 'Etc' ? (text === 'GMT' ? 'GMT' : text) : 'UTC' }
}
