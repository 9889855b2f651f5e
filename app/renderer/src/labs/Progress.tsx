import type { LabSummary } from '../../../shared/contract'

export function isSolved(lab: LabSummary): boolean {
  return lab.best !== undefined && lab.best.points === lab.best.of
}

/** How many labs of each exam are solved. */
export function Progress({ labs, exams }: { readonly labs: readonly LabSummary[]; readonly exams: readonly string[] }) {
  const groups = exams.map((exam) => ({ exam, all: labs.filter((lab) => lab.exam === exam) })).filter(({ all }) => all.length > 0)
  return (
    <ul className="progress" aria-label="Labs solved">
      {groups.map(({ exam, all }) => {
        const solved = all.filter(isSolved).length
        return (
          <li key={exam}>
            <span>{exam}</span>
            <progress value={solved} max={all.length} aria-label={`${exam}: ${solved} of ${all.length} solved`} />
            <span className="muted">{solved}/{all.length}</span>
          </li>
        )
      })}
    </ul>
  )
}
