import { defineResource } from '#engine/apiserver/registry/resource'
import { identity } from '#engine/apiserver/registry/identities'
import { defaultColumns } from '#engine/apiserver/registry/cells'
import { answerReview, subjectOf, validateReview } from '#engine/apiserver/registry/authorization/review'

export const subjectAccessReviews = defineResource({
  ...identity('authorization.k8s.io/v1/subjectaccessreviews'),
  columns: defaultColumns,
  validate: (object) => validateReview(object, false),
  review: (object, services) => answerReview(object, subjectOf(object), services),
})
