/** Ends tar at once: the message, and "Error is not recoverable". */
export class Fatal extends Error {}
