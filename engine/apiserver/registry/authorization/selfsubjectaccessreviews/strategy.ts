import { defineResource } from '#engine/apiserver/registry/resource'
import { identity } from '#engine/apiserver/registry/identities'
import { defaultColumns } from '#engine/apiserver/registry/cells'
import { answerReview, validateReview } from '#engine/apiserver/registry/authorization/review'

export const selfSubjectAccessReviews = defineResource({
  ...identity('authorization.k8s.io/v1/selfsubjectaccessreviews'),
  columns: defaultColumns,
  validate: (object) => validateReview(object, true),
  review: (object, services, context) => answerReview(object, context.user, services),
})
