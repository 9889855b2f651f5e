import type { PreparedAssignment } from '#engine/shell/interpreter/assignment'

/** A command's words after expansion. Declaration builtins get their assignments beside them. */
export interface ExpandedCommand {
  readonly words: string[]
  /** By index in `words`: an assignment that was expanded as one. */
  readonly assignments: Map<number, PreparedAssignment>
}
