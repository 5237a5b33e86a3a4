import type { FastifyInstance, FastifyReply } from 'fastify'

type Query = { readonly key?: string; readonly token?: string }

/**
 * The pages behind the links of confirmation and reset mails. They are plain forms that call the
 * data API, so they work without scripts and an app can put its own in their place.
 */
export function mountAccountPages(app: FastifyInstance): void {
  app.get<{ Querystring: Query }>('/account/confirm', async ({ query }, reply) =>
    page(
      reply,
      'Confirm your e-mail address',
      `<form method="post" action="/v1/users/confirm_user.json">
        ${hidden('key', query.key)}
        ${hidden('confirmation_token', query.token)}
        <button>Confirm</button>
      </form>`,
    ),
  )
  app.get<{ Querystring: Query }>('/account/reset-password', async ({ query }, reply) =>
    page(
      reply,
      'Choose a new password',
      `<form method="post" action="/v1/users/reset_password.json">
        ${hidden('key', query.key)}
        ${hidden('reset_password_token', query.token)}
        <label>New password
          <input type="password" name="password" required autocomplete="new-password">
        </label>
        <label>The same again
          <input type="password" name="password_confirmation" required autocomplete="new-password">
        </label>
        <button>Set password</button>
      </form>`,
    ),
  )
}

function hidden(name: string, value: string | undefined): string {
  return `<input type="hidden" name="${name}" value="${escaped(value ?? '')}">`
}

function escaped(text: string): string {
  const entities: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' }
  return String(text).replace(/[&<>"]/g, (char) => entities[char] ?? char)
}

const STYLE = `body{font:16px/1.5 system-ui,sans-serif;max-width:26rem;margin:15vh auto;padding:0 1rem}
label,input,button{display:block;width:100%;box-sizing:border-box;margin:.4rem 0}
input,button{font:inherit;padding:.5rem}`

/** The token in the address must not travel on: no referrer, no copies. */
function page(reply: FastifyReply, title: string, body: string): FastifyReply {
  return reply
    .type('text/html; charset=utf-8')
    .header('cache-control', 'no-store')
    .header('referrer-policy', 'no-referrer')
    .header('x-frame-options', 'DENY')
    .header(
      'content-security-policy',
      "default-src 'none'; style-src 'unsafe-inline'; form-action 'self'",
    )
    .send(
      `<!doctype html><html lang="en"><head><meta charset="utf-8">
<meta name="viewport" content="width=device-width"><title>${title}</title><style>${STYLE}</style></head>
<body><h1>${title}</h1>${body}</body></html>`,
    )
}
