import { ERROR_CODES, errorEntry } from '../errors.ts'

/** Nothing on these pages comes from elsewhere, and the browser sees to it. */
export const PAGE_POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self' 'unsafe-inline'",
  "img-src 'self' data:",
  "connect-src 'self'",
  "frame-ancestors 'none'",
  "base-uri 'none'",
].join('; ')

const STYLE = `body{margin:0;font:16px/1.5 system-ui,sans-serif}
nav{padding:.75rem 1rem;background:#1b3a57}nav a{color:#fff;margin-right:1rem}
main{max-width:60rem;margin:2rem auto;padding:0 1rem}
table{border-collapse:collapse}th,td{text-align:left;vertical-align:top;padding:.4rem .75rem;border-top:1px solid #ccc}
tr:target{background:#fff3c4}`

/** Addresses are relative, so that the page also works behind a proxy that adds a folder. */
export const DOCS_PAGE = page(
  'Homeport API',
  `<link rel="stylesheet" href="docs/assets/swagger-ui.css">`,
  `<nav><a href="docs">Everything</a> <a href="docs?half=data">Data API</a>
<a href="docs?half=tools">Tools API</a> <a href="docs/errors">Errors</a></nav>
<div id="api"></div>
<noscript>This page needs scripts. The documents themselves: <a href="openapi.json">openapi.json</a>.</noscript>
<script src="docs/assets/swagger-ui-bundle.js"></script>
<script src="docs/assets/start.js"></script>`,
)

export const START_SCRIPT = `const half = new URLSearchParams(location.search).get('half')
const name = half === 'data' || half === 'tools' ? 'openapi/' + half + '.json' : 'openapi.json'
SwaggerUIBundle({
  dom_id: '#api',
  url: new URL(name, document.baseURI).href,
  deepLinking: true,
  docExpansion: 'none',
  validatorUrl: null,
})
`

/** The catalogue, for those who follow a code from a log or a reply. */
export function errorsPage(): string {
  const rows = ERROR_CODES.map((code) => {
    const { status, hub, message } = errorEntry(code)
    return `<tr id="${code}"><th><a href="#${code}"><code>${code}</code></a></th><td>${status}</td><td>MOBILE-${hub}</td><td>${escaped(message)}</td></tr>`
  })
  return page(
    'Homeport errors',
    '',
    `<main><h1>Errors</h1>
<p>The data API tells the code as <code>meta.reason</code>, the tools API its number as <code>o:errorCode</code>.</p>
<table><thead><tr><th>Code</th><th>Status</th><th>Number</th><th>Meaning</th></tr></thead>
<tbody>${rows.join('\n')}</tbody></table></main>`,
  )
}

function page(title: string, head: string, body: string): string {
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>${title}</title>
<link rel="icon" href="data:,">
${head}
<style>${STYLE}</style>
</head>
<body>
${body}
</body>
</html>
`
}

function escaped(text: string): string {
  return text.replace(/&/g, '&amp;').replace(/</g, '&lt;').replace(/>/g, '&gt;')
}
