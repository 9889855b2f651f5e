import { defineResource } from '#engine/apiserver/registry/resource'
import { identity } from '#engine/apiserver/registry/identities'
import { defaultColumns } from '#engine/apiserver/registry/cells'
import { answerRulesReview } from '#engine/apiserver/registry/authorization/review'

export const selfSubjectRulesReviews = defineResource({
  ...identity('authorization.k8s.io/v1/selfsubjectrulesreviews'),
  columns: defaultColumns,
  review: (object, services, context) => answerRulesReview(object, context.user, services),
})
