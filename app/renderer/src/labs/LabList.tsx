import { useEffect, useMemo, useRef, useState } from 'react'
import type { CatalogView, LabSummary } from '../../../shared/contract'
import type { Host } from '../host'
import type { Theme } from '../theme'

interface Props {
  readonly host: Host
  readonly theme: Theme
  readonly error: string | undefined
  readonly onStart: (labId: string) => void
}

const exams = ['CKA', 'CKAD', 'CKS'] as const

export function LabList({ host, theme, error, onStart }: Props) {
  const [{ labs, problems }, setCatalog] = useState<CatalogView>({ labs: [], problems: [] })
  const [search, setSearch] = useState('')
  const [exam, setExam] = useState<string>('all')
  const searchBox = useRef<HTMLInputElement>(null)

  useEffect(() => void host.call('listLabs', null).then(setCatalog), [host])
  useEffect(() => {
    const focusSearch = (event: KeyboardEvent): void => {
      if (event.key !== '/' || event.target instanceof HTMLInputElement) return
      event.preventDefault()
      searchBox.current?.focus()
    }
    addEventListener('keydown', focusSearch)
    return () => removeEventListener('keydown', focusSearch)
  }, [])

  const shown = useMemo(() => labs.filter((lab) => (exam === 'all' || lab.exam === exam) && matches(lab, search)), [labs, exam, search])
  const solved = labs.filter((lab) => lab.best && lab.best.points === lab.best.of).length

  return (
    <main className="labs">
      <header className="top">
        <div>
          <h1>Seatrial</h1>
          <p className="muted">Practice for the Kubernetes performance exams, on a cluster of your own</p>
        </div>
        <button type="button" onClick={theme.toggle}>{theme.dark ? 'Light' : 'Dark'}</button>
      </header>
      {error && <p className="error" role="alert">{error}</p>}
      {problems.length > 0 && (
        <section className="attention" aria-label="Mistakes in labs of your own">
          <h2>Labs of your own that cannot be opened</h2>
          <pre tabIndex={0}>{problems.join('\n')}</pre>
        </section>
      )}
      <section aria-labelledby="practice">
        <div className="bar">
          <h2 id="practice">Practice</h2>
          <label className="grow">
            <span className="visually-hidden">Search labs</span>
            <input ref={searchBox} type="search" placeholder="Search by title, domain or tag  ( / )" value={search} onChange={(event) => setSearch(event.target.value)} />
          </label>
          <div role="group" aria-label="Exam" className="choice">
            {['all', ...exams].map((name) => (
              <button key={name} type="button" aria-pressed={exam === name} onClick={() => setExam(name)}>{name === 'all' ? 'All' : name}</button>
            ))}
          </div>
          <p className="muted" role="status">{solved} of {labs.length} solved</p>
        </div>
        <ul className="cards">
          {shown.map((lab) => <LabCard key={lab.id} lab={lab} onStart={onStart} />)}
        </ul>
        {labs.length > 0 && shown.length === 0 && <p className="muted">No lab matches. Try another word, or all exams.</p>}
      </section>
    </main>
  )
}

function LabCard({ lab, onStart }: { readonly lab: LabSummary; readonly onStart: (labId: string) => void }) {
  const done = lab.best && lab.best.points === lab.best.of
  return (
    <li className="card">
      <div className="card-head">
        <span className={`badge exam-${lab.exam.toLowerCase()}`}>{lab.exam}</span>
        <span className="muted">{lab.domain}</span>
      </div>
      <h3>{lab.title}</h3>
      <p className="muted">{lab.level} · {Math.round(lab.targetSeconds / 60)} min{lab.tags.length > 0 ? ` · ${lab.tags.join(', ')}` : ''}</p>
      <div className="card-foot">
        <span className={done ? 'good' : 'muted'}>{lab.best ? `best ${lab.best.points} of ${lab.best.of}` : lab.attempts > 0 ? 'started' : 'new'}</span>
        <button type="button" className="primary" onClick={() => onStart(lab.id)} aria-label={`Start ${lab.title}`}>{lab.attempts > 0 ? 'Again' : 'Start'}</button>
      </div>
    </li>
  )
}

function matches(lab: LabSummary, search: string): boolean {
  const text = `${lab.title} ${lab.domain} ${lab.exam} ${lab.level} ${lab.tags.join(' ')} ${lab.id}`.toLowerCase()
  return search.toLowerCase().split(/\s+/).every((word) => text.includes(word))
}
