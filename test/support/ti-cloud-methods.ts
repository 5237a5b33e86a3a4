type Namespaces = Readonly<Record<string, readonly string[]>>

/** The methods of the Titanium module ti.cloud about people, by its own namespaces. */
export const TI_PEOPLE: Namespaces = {
  ACLs: ['create', 'update', 'show', 'remove', 'addUser', 'removeUser', 'checkUser'],
  Clients: ['geolocate'],
  Friends: ['add', 'requests', 'approve', 'remove', 'search'],
  SocialIntegrations: [
    ...['externalAccountLogin', 'externalAccountLink', 'externalAccountUnlink'],
    'searchFacebookFriends',
  ],
  Users: [
    ...['create', 'login', 'show', 'showMe', 'search', 'query', 'update', 'logout', 'remove'],
    ...['requestResetPassword', 'resendConfirmation'],
  ],
}

/** Those about what they make. */
export const TI_CONTENTS: Namespaces = {
  Objects: ['create', 'show', 'update', 'remove', 'query'],
  Events: [
    ...['create', 'show', 'showOccurrences', 'query', 'queryOccurrences', 'search'],
    ...['searchOccurrences', 'update', 'remove'],
  ],
  Files: ['create', 'query', 'show', 'update', 'remove'],
  KeyValues: ['set', 'get', 'append', 'increment', 'remove'],
  Photos: ['create', 'show', 'search', 'query', 'update', 'remove'],
  PhotoCollections: [
    ...['create', 'show', 'update', 'search', 'showSubcollections', 'showPhotos', 'remove'],
  ],
  Places: ['create', 'search', 'show', 'update', 'remove', 'query'],
}

/** Those about what they remark, and where. */
export const TI_REMARKS: Namespaces = {
  Checkins: ['create', 'query', 'show', 'remove'],
  GeoFences: ['create', 'update', 'remove', 'query'],
  Likes: ['create', 'remove'],
  Posts: ['create', 'show', 'query', 'update', 'remove'],
  Reviews: ['create', 'show', 'query', 'update', 'remove'],
  Statuses: ['create', 'update', 'show', 'search', 'query', 'remove'],
}

/** Those by which they talk. */
export const TI_TALK: Namespaces = {
  Chats: ['create', 'query', 'remove', 'queryChatGroups', 'getChatGroups'],
  Emails: ['send'],
  Messages: [
    ...['create', 'reply', 'show', 'showInbox', 'showSent', 'showThreads', 'showThread'],
    ...['remove', 'removeThread'],
  ],
  PushNotifications: [
    ...['subscribe', 'unsubscribe', 'notify', 'query', 'subscribeToken', 'unsubscribeToken'],
    ...['updateSubscription', 'notifyTokens', 'resetBadge', 'setBadge'],
    ...['queryChannels', 'showChannels'],
  ],
  PushSchedules: ['create', 'query', 'remove'],
}
