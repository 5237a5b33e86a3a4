import { makeCatalogue } from '../engine/catalogue.ts'
import type { MethodDefinition } from '../engine/definition.ts'
import { methodsOf } from '../engine/methods/index.ts'
import { acls } from './acls/acls.ts'
import { addUsers, removeUsers } from './acls/change-users.ts'
import { checkAcl } from './acls/check.ts'
import { createAcl, deleteAcl, queryAcls, showAcl, updateAcl } from './acls/methods.ts'
import { checkins } from './checkins.ts'
import { collections } from './collections/collections.ts'
import {
  deleteCollection,
  searchCollections,
  showPhotos,
  showSubcollections,
} from './collections/methods.ts'
import { customObjectMethods } from './custom-objects/custom-objects.ts'
import { classDefinition } from './custom-objects/definition.ts'
import { createPhoto, updatePhoto } from './photos/methods.ts'
import { photos } from './photos/photos.ts'
import { places } from './places.ts'
import {
  createReview,
  deleteReview,
  queryReviews,
  showReview,
  updateReview,
} from './reviews/methods.ts'
import { reviews } from './reviews/reviews.ts'
import { confirmUser, resendConfirmation } from './users/confirm.ts'
import { createUser } from './users/create.ts'
import { requestResetPassword, resetPassword } from './users/reset.ts'
import { loginUser, logoutUser, showMe } from './users/sessions.ts'
import { deleteUser, updateUser } from './users/update.ts'
import { users } from './users/users.ts'

/** What the data API offers, in the order of its reference. */
export const catalogue = makeCatalogue(
  [users, acls, checkins, photos, collections, places, reviews],
  classDefinition,
)

/** Every method of the data API, in the order of its reference. */
export const methods: readonly MethodDefinition[] = [
  ...[createUser, loginUser, logoutUser, showMe, updateUser, deleteUser],
  ...[requestResetPassword, resetPassword, resendConfirmation, confirmUser],
  ...methodsOf(users),
  ...[createAcl, showAcl, updateAcl, deleteAcl, addUsers, removeUsers, checkAcl, queryAcls],
  ...methodsOf(acls),
  ...methodsOf(checkins),
  ...customObjectMethods,
  ...[createPhoto, updatePhoto],
  ...methodsOf(photos),
  ...[deleteCollection, searchCollections, showPhotos, showSubcollections],
  ...methodsOf(collections),
  ...methodsOf(places),
  ...[createReview, showReview, queryReviews, updateReview, deleteReview],
  ...methodsOf(reviews),
]
