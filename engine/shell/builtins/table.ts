/** Every builtin by name. */
import type { Builtin } from '#engine/shell/builtins/builtin'
import { compgenBuiltin, completeBuiltin, compoptBuiltin } from '#engine/shell/builtins/completion'
import { breakBuiltin, builtinBuiltin, colon, commandBuiltin, continueBuiltin, evalBuiltin, execBuiltin, exitBuiltin, falseBuiltin, logoutBuiltin, returnBuiltin, sourceBuiltin, trueBuiltin } from '#engine/shell/builtins/control'
import { declareBuiltin, exportBuiltin, localBuiltin, readonlyBuiltin } from '#engine/shell/builtins/declare'
import { unsetBuiltin } from '#engine/shell/builtins/unset'
import { cdBuiltin, dirsBuiltin, popdBuiltin, pushdBuiltin, pwdBuiltin } from '#engine/shell/builtins/directories'
import { fcBuiltin, historyBuiltin } from '#engine/shell/builtins/history'
import { ulimitBuiltin } from '#engine/shell/builtins/ulimit'
import { killBuiltin } from '#engine/shell/builtins/kill'
import { helpBuiltin } from '#engine/shell/builtins/help'
import { bgBuiltin, disownBuiltin, fgBuiltin, jobsBuiltin, waitBuiltin } from '#engine/shell/builtins/jobs'
import { aliasBuiltin, bindBuiltin, callerBuiltin, enableBuiltin, getoptsBuiltin, hashBuiltin, letBuiltin, suspendBuiltin, timesBuiltin, typeBuiltin, umaskBuiltin, unaliasBuiltin } from '#engine/shell/builtins/misc'
import { setBuiltin, shiftBuiltin, shoptBuiltin } from '#engine/shell/builtins/options'
import { echoBuiltin, printfBuiltin } from '#engine/shell/builtins/output'
import { mapfileBuiltin } from '#engine/shell/builtins/mapfile'
import { readBuiltin } from '#engine/shell/builtins/read'
import { testBuiltin } from '#engine/shell/builtins/test'
import { trapBuiltin } from '#engine/shell/builtins/trap'

export const builtins: ReadonlyMap<string, Builtin> = new Map(
  Object.entries({
    '.': sourceBuiltin, ':': colon, '[': testBuiltin, alias: aliasBuiltin, bg: bgBuiltin, bind: bindBuiltin, break: breakBuiltin, builtin: builtinBuiltin,
    caller: callerBuiltin, cd: cdBuiltin, command: commandBuiltin, compgen: compgenBuiltin, complete: completeBuiltin, compopt: compoptBuiltin,
    continue: continueBuiltin, declare: declareBuiltin, dirs: dirsBuiltin, disown: disownBuiltin, echo: echoBuiltin, enable: enableBuiltin, eval: evalBuiltin,
    exec: execBuiltin, exit: exitBuiltin, export: exportBuiltin, false: falseBuiltin, fc: fcBuiltin, fg: fgBuiltin, getopts: getoptsBuiltin, hash: hashBuiltin,
    help: helpBuiltin, history: historyBuiltin, jobs: jobsBuiltin, kill: killBuiltin, let: letBuiltin, local: localBuiltin, logout: logoutBuiltin,
    mapfile: mapfileBuiltin, popd: popdBuiltin, printf: printfBuiltin, pushd: pushdBuiltin, pwd: pwdBuiltin, read: readBuiltin, readarray: mapfileBuiltin,
    readonly: readonlyBuiltin, return: returnBuiltin, set: setBuiltin, shift: shiftBuiltin, shopt: shoptBuiltin, source: sourceBuiltin, suspend: suspendBuiltin,
    test: testBuiltin, times: timesBuiltin, trap: trapBuiltin, true: trueBuiltin, type: typeBuiltin, typeset: declareBuiltin, ulimit: ulimitBuiltin,
    umask: umaskBuiltin, unalias: unaliasBuiltin, unset: unsetBuiltin, wait: waitBuiltin,
  }),
)
