import { expect, it } from 'vitest'
import { ruleRows } from './rules'

it('rules are listed by verbs, then group, resource and name, as the real client sorts them', () => {
  const rules = [
    { apiGroups: [''], resources: ['pods', 'pods/log', 'services'], verbs: ['get', 'list'] },
    { apiGroups: [''], resources: ['pods'], verbs: ['watch'], resourceNames: ['a', 'b'] },
    { apiGroups: ['apps', ''], resources: ['deployments', '*'], verbs: ['*'] },
    { nonResourceURLs: ['/b', '/a/*'], verbs: ['get', 'post'] },
    { apiGroups: ['batch'], resources: ['jobs/status', 'jobs'], verbs: ['get'] },
  ]
  expect(ruleRows(rules).map((cells) => cells.join(' ').trim())).toEqual([
    '* [] [] [*]', 'deployments [] [] [*]', '*.apps [] [] [*]', 'deployments.apps [] [] [*]', 'pods/log [] [] [get list]', 'pods [] [] [get list]', 'services [] [] [get list]',
    '[/a/*] [] [get]', '[/b] [] [get]', 'jobs.batch/status [] [] [get]', 'jobs.batch [] [] [get]', '[/a/*] [] [post]', '[/b] [] [post]', 'pods [] [a] [watch]', 'pods [] [b] [watch]',
  ])
})

it('verbs of the same resource in several rules are joined', () => {
  expect(ruleRows([{ apiGroups: [''], resources: ['pods'], verbs: ['get'] }, { apiGroups: [''], resources: ['pods'], verbs: ['list', 'get'] }])).toEqual([['pods', '[]', '[]', '[get list]']])
})
