import { defineResource } from '#engine/apiserver/registry/resource'
import { identity } from '#engine/apiserver/registry/identities'
import { defaultColumns } from '#engine/apiserver/registry/cells'
import { answerReview, subjectOf, validateLocalReview } from '#engine/apiserver/registry/authorization/review'

export const localSubjectAccessReviews = defineResource({
  ...identity('authorization.k8s.io/v1/localsubjectaccessreviews'),
  columns: defaultColumns,
  validate: validateLocalReview,
  review: (object, services) => answerReview(object, subjectOf(object), services),
})
