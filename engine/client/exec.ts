/** The `exec` part of a kubeconfig's user: a program that gives out credentials. Running it is its owner's business. */

export interface ExecConfig {
  readonly apiVersion?: string
  readonly command?: string
  readonly args?: readonly string[] | null
  readonly env?: readonly { readonly name: string; readonly value: string }[] | null
  readonly installHint?: string
  readonly provideClusterInfo?: boolean
  readonly interactiveMode?: string
}

const modes = ['Never', 'IfAvailable', 'Always']

/** What is wrong with it, in client-go's words. */
export function execProblems(user: string, exec: ExecConfig): string[] {
  const problems: string[] = []
  if (!exec.command) problems.push(`command must be specified for ${user} to use exec authentication plugin`)
  if (!exec.apiVersion) problems.push(`apiVersion must be specified for ${user} to use exec authentication plugin`)
  for (const variable of exec.env ?? []) if (!variable.name) problems.push(`env variable name must be specified for ${user} to use exec authentication plugin`)
  if (!exec.interactiveMode && !exec.apiVersion?.endsWith('/v1beta1')) problems.push(`interactiveMode must be specified for ${user} to use exec authentication plugin`)
  else if (exec.interactiveMode && !modes.includes(exec.interactiveMode)) problems.push(`invalid interactiveMode for ${user}: ${JSON.stringify(exec.interactiveMode)}`)
  return problems
}
