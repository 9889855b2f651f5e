/** All of sprig that helm has. */
import { cryptoFunctions } from './crypto'
import { dateFunctions } from './dates'
import type { FunctionTable, SprigContext } from './define'
import { dictFunctions } from './dicts'
import { encodingFunctions } from './encodings'
import { expressionFunctions } from './expressions'
import { listFunctions } from './lists'
import { numberFunctions } from './numbers'
import { pathFunctions } from './paths'
import { randomFunctions } from './random'
import { reflectionFunctions } from './reflection'
import { semverFunctions } from './semver'
import { stringFunctions } from './strings'

export function sprigFunctions(context: SprigContext): FunctionTable {
  return {
    ...stringFunctions, ...listFunctions, ...dictFunctions, ...reflectionFunctions, ...expressionFunctions, ...semverFunctions, ...encodingFunctions, ...pathFunctions,
    ...numberFunctions(context.random), ...dateFunctions(context.nowMs), ...randomFunctions(context.random), ...cryptoFunctions(context),
  }
}
