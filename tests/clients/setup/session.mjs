// Signs in, and hands out an access token that is still good. The refresh token is good once: whoever keeps it
// (here: this object) replaces it at each refresh, and no two refreshes run at once.
const SIGN_IN = `mutation SignIn($input: SignInInput!) {
  signIn(input: $input) { accessToken refreshToken expiresAt userErrors { code message } }
}`
const REFRESH = `mutation Refresh($input: RefreshSessionInput!) {
  refreshSession(input: $input) { accessToken refreshToken expiresAt userErrors { code message } }
}`
const EARLY = 30_000 // milliseconds before its end at which a token is replaced

export class Session {
  static async signIn(url, login, password) {
    return new Session(url, await open(url, SIGN_IN, { login, password, device: 'docs/clients.md' }))
  }

  constructor(url, opened) {
    this.url = url
    this.keep(opened)
  }

  keep({ accessToken, refreshToken, expiresAt }) {
    Object.assign(this, { accessToken, refreshToken, replaceAt: Date.parse(expiresAt) - EARLY })
  }

  async token() {
    if (Date.now() >= this.replaceAt) await this.refresh()
    return this.accessToken
  }

  refresh() {
    this.refreshing ??= open(this.url, REFRESH, { refreshToken: this.refreshToken })
      .then((opened) => this.keep(opened))
      .finally(() => (this.refreshing = undefined))
    return this.refreshing
  }
}

async function open(url, query, input) {
  const response = await fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ query, variables: { input } }),
  })
  const { data, errors } = await response.json()
  if (errors) throw new Error(errors[0].message)
  const [opened] = Object.values(data)
  if (opened.userErrors.length) throw new Error(opened.userErrors[0].message)
  return opened
}
