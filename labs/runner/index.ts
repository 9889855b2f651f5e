/** What homes of the runner use. */
export { grade, type CheckResult, type Grade } from './grade'
export { LabFileError, loadLab, type LabProblem } from './load'
export { nearest } from './nearest'
export { setScene, SetupError } from './scene'
export { labSchema, type Lab, type Step } from './schema'
export { chooseValues, render, type Values } from './variables'
export { copiesTried, perform, verifyLab, type Verdict, type Verifier } from './verify'
export { World, type CommandResult } from './world'
