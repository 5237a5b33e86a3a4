import { makeCatalogue } from '../engine/catalogue.ts'
import type { MethodDefinition } from '../engine/definition.ts'
import { methodsOf } from '../engine/methods/index.ts'
import { acls } from './acls/acls.ts'
import { addUsers, removeUsers } from './acls/change-users.ts'
import { checkAcl } from './acls/check.ts'
import { createAcl, deleteAcl, queryAcls, showAcl, updateAcl } from './acls/methods.ts'
import {
  countAppObjects,
  createApp,
  deleteApp,
  deleteAppData,
  showApp,
  updateApp,
} from './apps/apps.ts'
import {
  removeAppleCertificates,
  setAndroidCertificate,
  setAppleCertificates,
  setWindowsCertificate,
} from './apps/certificates.ts'
import { setAppMail } from './apps/mail-setting.ts'
import { platformMethods } from './apps/platform.ts'
import { chats } from './chats/chats.ts'
import { createChatMessage } from './chats/create.ts'
import { chatGroups } from './chats/groups.ts'
import { getChatGroups, queryChatGroups, queryChatMessages } from './chats/lists.ts'
import { checkins } from './checkins.ts'
import { geolocateClient } from './clients/geolocate.ts'
import { collections } from './collections/collections.ts'
import {
  deleteCollection,
  searchCollections,
  showPhotos,
  showSubcollections,
} from './collections/methods.ts'
import { customObjectMethods } from './custom-objects/custom-objects.ts'
import { classDefinition } from './custom-objects/definition.ts'
import { emailFromTemplate } from './emails/send.ts'
import { emailTemplateMethods, emailTemplates } from './emails/templates.ts'
import { events } from './events/events.ts'
import {
  queryEventOccurrences,
  searchEventOccurrences,
  searchEvents,
  showEventOccurrences,
} from './events/methods.ts'
import { occurrences } from './events/occurrences.ts'
import { files } from './files/files.ts'
import { createFile, queryFiles, showFile, updateFile } from './files/methods.ts'
import { friendRequests, queryFriends, searchFriends } from './friends/lists.ts'
import { addFriends, approveFriends, removeFriends } from './friends/methods.ts'
import { relations } from './friends/relations.ts'
import { geoFences } from './geo-fences/geo-fences.ts'
import { createGeoFence, destroyGeoFence, updateGeoFence } from './geo-fences/methods.ts'
import { keyvalues } from './keyvalues/keyvalues.ts'
import {
  appendKeyvalue,
  deleteKeyvalue,
  getKeyvalue,
  incrbyKeyvalue,
  queryKeyValues,
  setKeyvalue,
} from './keyvalues/methods.ts'
import { likes } from './likes/likes.ts'
import { createLike, deleteLike, queryLikes } from './likes/methods.ts'
import { deleteMessage, deleteMessageThread } from './messages/delete.ts'
import { messages } from './messages/messages.ts'
import { messageLists, queryMessages, showMessage, showThreadMessages } from './messages/read.ts'
import { createMessage, replyMessage } from './messages/send.ts'
import { createPhoto, updatePhoto } from './photos/methods.ts'
import { photos } from './photos/photos.ts'
import { places } from './places.ts'
import { posts } from './posts.ts'
import { pushMethods } from './push/methods.ts'
import { schedules } from './push/schedules.ts'
import { subscriptions } from './push/subscriptions.ts'
import {
  createReview,
  deleteReview,
  queryReviews,
  showReview,
  updateReview,
} from './reviews/methods.ts'
import { reviews } from './reviews/reviews.ts'
import { searchFacebookFriends } from './social/friends.ts'
import { linkExternalAccount, unlinkExternalAccount } from './social/link.ts'
import { externalAccountLogin } from './social/login.ts'
import { queryStatuses, statuses } from './statuses.ts'
import { confirmUser, resendConfirmation } from './users/confirm.ts'
import { createUser } from './users/create.ts'
import { requestResetPassword, resetPassword } from './users/reset.ts'
import { loginUser, logoutUser, showMe } from './users/sessions.ts'
import { deleteUser, updateUser } from './users/update.ts'
import { users } from './users/users.ts'

/** What the data API offers, in the order of its reference. */
export const catalogue = makeCatalogue(
  [
    users,
    acls,
    chats,
    chatGroups,
    checkins,
    emailTemplates,
    events,
    occurrences,
    files,
    likes,
    messages,
    relations,
    geoFences,
    keyvalues,
    photos,
    collections,
    places,
    posts,
    subscriptions,
    schedules,
    reviews,
    statuses,
  ],
  classDefinition,
)

/** Every method of the data API, in the order of its reference. */
export const methods: readonly MethodDefinition[] = [
  ...[createUser, loginUser, logoutUser, showMe, updateUser, deleteUser],
  ...[requestResetPassword, resetPassword, resendConfirmation, confirmUser],
  ...methodsOf(users),
  ...[externalAccountLogin, linkExternalAccount, unlinkExternalAccount, searchFacebookFriends],
  ...[createAcl, showAcl, updateAcl, deleteAcl, addUsers, removeUsers, checkAcl, queryAcls],
  ...methodsOf(acls),
  ...[createChatMessage, queryChatMessages, getChatGroups, queryChatGroups],
  ...methodsOf(chats),
  ...methodsOf(checkins),
  geolocateClient,
  ...customObjectMethods,
  emailFromTemplate,
  ...emailTemplateMethods,
  ...methodsOf(emailTemplates),
  ...[searchEvents, showEventOccurrences, queryEventOccurrences, searchEventOccurrences],
  ...methodsOf(events),
  ...[addFriends, friendRequests, approveFriends, removeFriends, queryFriends, searchFriends],
  ...[createFile, showFile, queryFiles, updateFile],
  ...methodsOf(files),
  ...[createGeoFence, updateGeoFence, destroyGeoFence],
  ...methodsOf(geoFences),
  ...[setKeyvalue, getKeyvalue, appendKeyvalue, incrbyKeyvalue, deleteKeyvalue, queryKeyValues],
  ...methodsOf(keyvalues),
  ...[createLike, deleteLike, queryLikes],
  ...[createMessage, replyMessage, showMessage],
  ...messageLists,
  ...[showThreadMessages, queryMessages, deleteMessage, deleteMessageThread],
  ...methodsOf(messages),
  ...[createPhoto, updatePhoto],
  ...methodsOf(photos),
  ...[deleteCollection, searchCollections, showPhotos, showSubcollections],
  ...methodsOf(collections),
  ...methodsOf(places),
  ...methodsOf(posts),
  ...pushMethods,
  ...[createReview, showReview, queryReviews, updateReview, deleteReview],
  ...methodsOf(reviews),
  queryStatuses,
  ...methodsOf(statuses),
  ...[createApp, showApp, updateApp, deleteApp, countAppObjects, deleteAppData, setAppMail],
  ...[setAppleCertificates, removeAppleCertificates],
  ...[setAndroidCertificate, setWindowsCertificate],
  ...platformMethods,
]
