/** The environment of Kubernetes' CEL: standard functions and the libraries of lists, sets, strings, regular expressions, quantities, URLs, IPs, CIDRs, formats, versions and the authorizer. */
import { Environment } from '@marcbachmann/cel-js'
import { limitCost } from './budget'
import { addresses } from './libraries/addresses'
import { authorizer } from './libraries/authorizer'
import { comprehensions } from './libraries/comprehensions'
import { formats } from './libraries/formats'
import { lists } from './libraries/lists'
import { literals } from './libraries/literals'
import { quantities } from './libraries/quantities'
import { semver } from './libraries/semver'
import { strings } from './libraries/strings'
import { urls } from './libraries/urls'

const environments = new Map<string, Environment>()

export function celEnvironment(variables: readonly string[]): Environment {
  const key = variables.join(',')
  let environment = environments.get(key)
  if (!environment) {
    environment = base()
    for (const name of variables) environment.registerVariable(name, 'dyn')
    environments.set(key, environment)
  }
  return environment
}

function base(): Environment {
  const environment = new Environment({ unlistedVariablesAreDyn: false, homogeneousAggregateLiterals: false, enableOptionalTypes: true })
  for (const add of [lists, strings, quantities, urls, addresses, formats, semver, authorizer, comprehensions, literals]) add(environment)
  limitCost(environment)
  return environment
}
