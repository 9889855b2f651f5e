/**
 * Every call between the renderer and the host, as plain data. It travels as JSON over a MessagePort (desktop) or a
 * WebSocket (browser); nothing else differs.
 */
export interface LabSummary {
  readonly id: string
  readonly title: string
  readonly exam: 'CKA' | 'CKAD' | 'CKS'
  readonly domain: string
  readonly level: 'easy' | 'medium' | 'hard'
  readonly targetSeconds: number
  readonly tags: readonly string[]
  /** The best graded result so far. */
  readonly best?: { readonly points: number; readonly of: number }
  readonly attempts: number
}

export interface CatalogView {
  readonly labs: readonly LabSummary[]
  /** Mistakes in labs of the person's own, each with file, line and column; such labs are left out. */
  readonly problems: readonly string[]
}

export interface AttemptView {
  readonly id: string
  readonly labId: string
  readonly title: string
  readonly exam: string
  readonly domain: string
  /** Markdown, with the candidate's own values. */
  readonly task: string
  readonly host: string
  readonly namespace?: string
  readonly targetSeconds: number
  /** Seconds worked so far; goes on while `running`. */
  readonly elapsedSeconds: number
  readonly hints: { readonly shown: readonly string[]; readonly left: number; readonly nextCosts: number }
  readonly lastGrade?: GradeView
  readonly solutionShown: boolean
  /** Counts the scenes of this run of the program: another number is another cluster, on which no terminal is open yet. */
  readonly scene: number
  /** What the last reset threw away can still be had back. */
  readonly canUndoReset: boolean
  /** Something the candidate must know about this attempt, such as a saved state that could not be read. */
  readonly notice?: string
}

export interface CheckView {
  readonly id: string
  readonly kind: 'check' | 'gate'
  readonly says: string
  readonly outcome: 'earned' | 'lost' | 'error'
  readonly points: number
  readonly of: number
  readonly expected: string
  readonly actual: string
  readonly why?: string
  readonly read?: string
}

export interface GradeView {
  readonly checks: readonly CheckView[]
  readonly points: number
  readonly of: number
  /** Points taken off for hints. */
  readonly hintPoints: number
  readonly gateLost: boolean
  /** Seconds worked when it was graded; older results lack it. */
  readonly seconds?: number
}

export interface SolutionView {
  readonly steps: readonly { readonly on: string; readonly run: string }[]
}

/** Calls by name: what is asked and what is answered. */
export interface Contract {
  listLabs: { readonly params: null; readonly result: CatalogView }
  current: { readonly params: null; readonly result: AttemptView | null }
  start: { readonly params: { readonly labId: string }; readonly result: AttemptView }
  leave: { readonly params: null; readonly result: null }
  reset: { readonly params: null; readonly result: AttemptView }
  undoReset: { readonly params: null; readonly result: AttemptView }
  check: { readonly params: null; readonly result: GradeView }
  hint: { readonly params: null; readonly result: AttemptView }
  solution: { readonly params: null; readonly result: SolutionView }
  fastForward: { readonly params: { readonly seconds: number }; readonly result: null }
  openTerminal: { readonly params: { readonly host: string; readonly columns: number; readonly rows: number }; readonly result: { readonly terminal: number } }
  /** A shell of the user's own computer, with KUBECONFIG set for the cluster of the attempt. */
  openOwnTerminal: { readonly params: { readonly columns: number; readonly rows: number }; readonly result: { readonly terminal: number } }
  writeTerminal: { readonly params: { readonly terminal: number; readonly data: string }; readonly result: null }
  /** So many characters of output have been drawn: the host sends no more than `outputWindow` ahead. */
  acknowledge: { readonly params: { readonly terminal: number; readonly characters: number }; readonly result: null }
  resizeTerminal: { readonly params: { readonly terminal: number; readonly columns: number; readonly rows: number }; readonly result: null }
  closeTerminal: { readonly params: { readonly terminal: number }; readonly result: null }
}

export type CallName = keyof Contract

/** What the host tells without being asked. */
export type HostEvent =
  | { readonly event: 'output'; readonly terminal: number; readonly data: string }
  | { readonly event: 'closed'; readonly terminal: number; readonly code: number }
  /** The attempt has changed, here or in another window; null: none is open any more. */
  | { readonly event: 'attempt'; readonly attempt: AttemptView | null }
  /** Progress of something slow, as a sentence. */
  | { readonly event: 'progress'; readonly text: string }

export interface CallMessage {
  readonly id: number
  readonly call: CallName
  readonly params: unknown
}

export type ReplyMessage = { readonly id: number; readonly result: unknown } | { readonly id: number; readonly error: string }

/** The longest paste, in characters. */
export const longestPaste = 1024 * 1024

/** Characters of output that may be on their way to a terminal; past it, the simulated writer waits. */
export const outputWindow = 256 * 1024

export const callNames: readonly CallName[] = ['listLabs', 'current', 'start', 'leave', 'reset', 'undoReset', 'check', 'hint', 'solution', 'fastForward', 'openTerminal', 'openOwnTerminal', 'writeTerminal', 'acknowledge', 'resizeTerminal', 'closeTerminal']
