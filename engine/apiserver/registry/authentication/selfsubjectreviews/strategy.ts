import { defineResource } from '#engine/apiserver/registry/resource'
import { identity } from '#engine/apiserver/registry/identities'
import { defaultColumns } from '#engine/apiserver/registry/cells'

export const selfSubjectReviews = defineResource({
  ...identity('authentication.k8s.io/v1/selfsubjectreviews'),
  columns: defaultColumns,
  review: (object, _services, { user }) => {
    const userInfo = { username: user.username, ...(user.uid === undefined ? {} : { uid: user.uid }), groups: user.groups, ...(user.extra === undefined ? {} : { extra: user.extra }) }
    return Promise.resolve({ ...object, status: { userInfo } })
  },
})
