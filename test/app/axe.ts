/** axe in the page: what of accessibility is seriously wrong, as sentences. */
import { readFileSync } from 'node:fs'
import type { Page } from 'playwright-core'

interface Violation {
  readonly id: string
  readonly impact: string
  readonly help: string
  readonly nodes: readonly { readonly target: readonly string[] }[]
}

export class AxeBuilder {
  constructor(private readonly page: Page) {}

  async serious(): Promise<string[]> {
    // Evaluated as text: the page's policy allows no scripts but its own.
    await this.page.evaluate(readFileSync('node_modules/axe-core/axe.min.js', 'utf8'))
    const violations = (await this.page.evaluate("axe.run(document, { runOnly: ['wcag2a', 'wcag2aa'] }).then((found) => found.violations)")) as Violation[]
    return violations.filter(({ impact }) => impact === 'serious' || impact === 'critical').map(({ id, help, nodes }) => `${id}: ${help} (${nodes.map((node) => node.target.join(' ')).join(', ')})`)
  }
}
