import { useEffect, useMemo, useRef, useState } from 'react'
import type { CatalogView, LabSummary } from '../../../shared/contract'
import { Glyph } from '../Glyph'
import type { Host } from '../host'
import type { Theme } from '../theme'
import { ThemeButton } from '../ThemeButton'
import { LabCard } from './LabCard'
import { isSolved, Progress } from './Progress'
import './labs.css'

interface Props {
  readonly host: Host
  readonly theme: Theme
  readonly error: string | undefined
  readonly onStart: (labId: string) => void
}

const exams = ['CKA', 'CKAD', 'CKS'] as const

export function LabList({ host, theme, error, onStart }: Props) {
  const [catalog, setCatalog] = useState<CatalogView>()
  const [unread, setUnread] = useState<string>()
  const [search, setSearch] = useState('')
  const [exam, setExam] = useState<string>('All')
  const searchBox = useRef<HTMLInputElement>(null)

  useEffect(() => void host.call('listLabs', null).then(setCatalog, (problem: unknown) => setUnread((problem as Error).message)), [host])
  useEffect(() => {
    const focusSearch = (event: KeyboardEvent): void => {
      if (event.key !== '/' || event.target instanceof HTMLInputElement) return
      event.preventDefault()
      searchBox.current?.focus()
    }
    addEventListener('keydown', focusSearch)
    return () => removeEventListener('keydown', focusSearch)
  }, [])

  const labs = catalog?.labs ?? []
  const shown = useMemo(() => labs.filter((lab) => (exam === 'All' || lab.exam === exam) && matches(lab, search)), [labs, exam, search])
  const trouble = error ?? unread
  /** Escape forgets the search; Enter starts the one lab that is left. */
  const onSearchKey = (key: string): void => {
    const [only, ...others] = shown
    if (key === 'Escape') setSearch('')
    if (key === 'Enter' && only && others.length === 0) onStart(only.id)
  }

  return (
    <main className="labs">
      <header className="top">
        <div className="grow">
          <h1><Glyph name="sail" />Seatrial</h1>
          <p className="muted">Practice for the Kubernetes performance exams, on a cluster of your own</p>
        </div>
        <ThemeButton theme={theme} />
      </header>
      {trouble && <p className="banner bad" role="alert"><Glyph name="warning" /><span>{trouble}</span></p>}
      {catalog && catalog.problems.length > 0 && <Problems problems={catalog.problems} />}
      <section aria-labelledby="practice">
        <div className="practice-head">
          <h2 id="practice">Practice</h2>
          <Progress labs={labs} exams={exams} />
        </div>
        <div className="filters">
          <label className="search-labs grow">
            <span className="visually-hidden">Search labs</span>
            <Glyph name="search" />
            <input ref={searchBox} type="search" placeholder="Search by title, domain or tag" value={search} onChange={(event) => setSearch(event.target.value)} onKeyDown={(event) => onSearchKey(event.key)} />
            <kbd aria-hidden="true">/</kbd>
          </label>
          <div role="group" aria-label="Exam" className="choice">
            {['All', ...exams].map((name) => (
              <button key={name} type="button" aria-pressed={exam === name} onClick={() => setExam(name)}>{name}</button>
            ))}
          </div>
        </div>
        <p className="visually-hidden" role="status">{catalog ? `${shown.length} of ${labs.length} labs shown, ${labs.filter(isSolved).length} solved` : ''}</p>
        <ul className="cards">
          {shown.map((lab) => <LabCard key={lab.id} lab={lab} onStart={onStart} />)}
        </ul>
        {catalog && shown.length === 0 && (
          <div className="nothing">
            <p>No lab matches{search ? <> “{search}”</> : null}{exam === 'All' ? '' : ` in ${exam}`}.</p>
            <button type="button" onClick={() => { setSearch(''); setExam('All') }}>Show all labs</button>
          </div>
        )}
      </section>
    </main>
  )
}

function Problems({ problems }: { readonly problems: readonly string[] }) {
  return (
    <section className="problems" aria-label="Files of your own that cannot be read">
      <h2><Glyph name="warning" />These files of your own cannot be used</h2>
      <ul>{problems.flatMap((problem) => problem.split('\n')).map((problem) => <li key={problem}><code>{problem}</code></li>)}</ul>
    </section>
  )
}

function matches(lab: LabSummary, search: string): boolean {
  const text = `${lab.title} ${lab.domain} ${lab.exam} ${lab.level} ${lab.tags.join(' ')} ${lab.id}`.toLowerCase()
  return search.toLowerCase().split(/\s+/).every((word) => text.includes(word))
}
