/** Of one connection, or with a meaning to its two ends alone (RFC 9110 §7.6.1). */
export const HOP_BY_HOP =
  /^(?:connection|keep-alive|proxy-.*|te|trailer|transfer-encoding|upgrade|http2-settings)$/i

/**
 * What speaks for the whole origin, which is that of all that this server does: so neither a program
 * behind it nor a definition may say it.
 */
export const OF_THE_ORIGIN =
  /^(?:set-cookie2?|date|strict-transport-security|access-control-.*|content-security-policy.*|x-content-type-options|clear-site-data|service-worker-allowed|alt-svc|nel|report-to|reporting-endpoints)$/i
