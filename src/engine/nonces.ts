/** The record type of used OAuth nonces: their ids begin with the time, so old ones are a range. */
export const NONCE_TYPE = '$nonce'

/** How far a client's clock may be off, either way. */
export const CLOCK_SKEW_MAX_S = 15 * 60

/** After this a nonce cannot come again: its timestamp is refused. */
export const NONCE_KEPT_S = 2 * CLOCK_SKEW_MAX_S
