import { Component, type ReactNode } from 'react'
import { Glyph } from './Glyph'

/** What is shown where the page itself breaks: a defect of ours, which costs nothing but the look of it. */
export class Mishap extends Component<{ readonly children: ReactNode }, { readonly problem?: string }> {
  override state: { readonly problem?: string } = {}

  static getDerivedStateFromError(error: unknown): { problem: string } {
    return { problem: error instanceof Error ? error.message : String(error) }
  }

  override render(): ReactNode {
    if (this.state.problem === undefined) return this.props.children
    return (
      <main className="notice">
        <span className="mark"><Glyph name="warning" /></span>
        <h1>This page has broken</h1>
        <p role="alert">That is a defect of Seatrial ({this.state.problem}). Your machines run on, and nothing you did is lost.</p>
        <button type="button" className="primary" onClick={() => location.reload()}>Load it again</button>
      </main>
    )
  }
}
