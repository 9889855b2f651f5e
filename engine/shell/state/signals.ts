/** What leaves the ordinary flow of a script. Each is thrown and caught where bash would jump to. */
export class BreakLoop {
  constructor(
    public levels: number,
    readonly again: boolean,
  ) {}
}

export class ReturnFunction {
  constructor(readonly status: number) {}
}

export class ExitShell {
  constructor(
    readonly status: number,
    /** `exec` has replaced the process: no EXIT trap runs. */
    readonly replaced = false,
  ) {}
}

/** An error that drops the rest of the command line (bash's DISCARD); its message has been written. */
export class DiscardLine {
  constructor(
    readonly status: number,
    /** Up to the outermost text: that of `bash -c`, of `eval` and of `.` ends with it. */
    readonly outermost = false,
  ) {}
}

/** An error whose message is still to be written, found during expansion or assignment; drops the line. */
export class ExpansionError extends Error {
  constructor(
    message: string,
    /** Ends a shell that is not interactive (`set -u`, `${v:?}`). */
    readonly fatal = false,
    readonly status = 1,
  ) {
    super(message)
  }
}

/** Found while a subscript or an integer variable was evaluated: drops everything up to the outermost text. */
export class OutermostError extends ExpansionError {}

/** About a variable itself, so no command's name stands before it: read-only, or no such subscript. */
export class VariableError extends ExpansionError {}

/** A builtin's complaint: `NAME: message`, with this status. */
export class BuiltinError extends Error {
  constructor(
    message: string,
    readonly status = 1,
    /** Follows the message: the usage line. */
    readonly usage?: string,
  ) {
    super(message)
  }
}
