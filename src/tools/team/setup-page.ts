import { createHash } from 'node:crypto'

const STYLE = `
:root { color-scheme: light dark; font: 16px/1.5 system-ui, sans-serif; }
body { max-width: 26rem; margin: 4rem auto; padding: 0 1rem; }
label { display: block; margin-top: 1rem; }
input { width: 100%; box-sizing: border-box; padding: .5rem; font: inherit; }
button { margin-top: 1.5rem; padding: .5rem 1.5rem; font: inherit; }
.problem { border-left: .25rem solid #c33; padding-left: .75rem; }
`

/** The page may show its own style and send its own form, and nothing else. */
export const SETUP_PAGE_HEADERS: Readonly<Record<string, string>> = {
  'content-security-policy': [
    "default-src 'none'",
    `style-src 'sha256-${createHash('sha256').update(STYLE).digest('base64')}'`,
    "form-action 'self'",
    "frame-ancestors 'none'",
    "base-uri 'none'",
  ].join('; '),
  // The token stands in the address.
  'referrer-policy': 'no-referrer',
  'x-content-type-options': 'nosniff',
  'cache-control': 'no-store',
}

type FormState = { readonly token: string; readonly login: string; readonly problem: string | null }

/** The form for the first administrator; it works without scripts. */
export function setupFormPage({ token, login, problem }: FormState): string {
  return page(`<p>Make the first administrator. They can add others to the team.</p>
${problem === null ? '' : `<p class="problem" role="alert">${escapeHtml(problem)}</p>`}
<form method="post" action="/setup">
<input type="hidden" name="token" value="${escapeHtml(token)}">
<label for="login">User name</label>
<input id="login" name="login" value="${escapeHtml(login)}" required maxlength="100" autocomplete="username" autofocus>
<label for="password">Password, 8 characters or more</label>
<input id="password" name="password" type="password" required minlength="8" autocomplete="new-password">
<button type="submit">Make administrator</button>
</form>`)
}

export function setupDonePage(login: string): string {
  return page(
    `<p>${escapeHtml(login)} is an administrator now. Log in with this name and password.</p>`,
  )
}

export function setupRefusedPage(problem: string): string {
  return page(`<p class="problem" role="alert">${escapeHtml(problem)}</p>`)
}

function page(content: string): string {
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Set up Homeport</title>
<style>${STYLE}</style>
</head>
<body>
<main>
<h1>Set up Homeport</h1>
${content}
</main>
</body>
</html>
`
}

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
}

function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (character) => ENTITIES[character] ?? character)
}
