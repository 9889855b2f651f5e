/** The few pictograms of the program, drawn on a grid of 24. Beside words or with a label of the button they are in: never alone. */
const paths = {
  back: 'M15 5l-7 7 7 7',
  check: 'M5 12.5l4.5 4.5L19 7.5',
  cross: 'M6.5 6.5l11 11m0-11l-11 11',
  plus: 'M12 5v14M5 12h14',
  warning: 'M12 4L2.8 19.5h18.4L12 4zm0 6v4.2m0 2.6v.1',
  clock: 'M12 3.5a8.5 8.5 0 100 17 8.5 8.5 0 000-17zm0 4V12l3 2',
  forward: 'M4 6.5l6 5.5-6 5.5v-11zm9 0l6 5.5-6 5.5v-11z',
  reset: 'M4.5 4.5v5h5M4.9 9.5a8 8 0 11-.6 4.5',
  up: 'M6 15l6-6 6 6',
  down: 'M6 9l6 6 6-6',
  copy: 'M9 9h10.5v10.5H9zM15 9V4.5H4.5V15H9',
  bulb: 'M9.5 17.5h5M10.5 20.5h3M8.6 14.4a6 6 0 116.8 0c-.6.4-.9 1-.9 1.6v1.5h-5V16c0-.6-.3-1.2-.9-1.6z',
  sun: 'M12 8a4 4 0 100 8 4 4 0 000-8zm0-5v2m0 14v2m9-9h-2M5 12H3m15.4-6.4L17 7M7 17l-1.4 1.4m12.8 0L17 17M7 7L5.6 5.6',
  moon: 'M20 14.5A8.5 8.5 0 019.5 4a8.5 8.5 0 1010.5 10.5z',
  settings: 'M4 7h9m5 0h2M4 17h2m5 0h9M15.5 4.8a2.2 2.2 0 100 4.4 2.2 2.2 0 000-4.4zm-7 10a2.2 2.2 0 100 4.4 2.2 2.2 0 000-4.4z',
  computer: 'M4 5h16v10.5H4zM9 19.5h6M12 15.5v4',
  search: 'M10.5 4.5a6 6 0 100 12 6 6 0 000-12zM15 15l5 5',
  /** The program's own: a sail. */
  sail: 'M11 3v13.5H4.5C8 13 10 8.5 11 3zm3 3c2.5 3 4.5 6.5 5.5 10.5H14V6zM3 19.5c3 2 15 2 18 0',
} as const

export type GlyphName = keyof typeof paths

export function Glyph({ name }: { readonly name: GlyphName }) {
  return <svg className="glyph" viewBox="0 0 24 24" aria-hidden="true"><path d={paths[name]} /></svg>
}
