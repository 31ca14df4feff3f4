"""The page at `/`: for people who open the server in a browser."""

from base64 import b64encode
from hashlib import sha256

from starlette.responses import Response

_STYLE = (
    "body{font:16px/1.6 system-ui,sans-serif;max-width:44rem;margin:3rem auto;padding:0 1rem;color:#222}"
    "code,pre{background:#f3f3f3;border-radius:4px;padding:.1rem .3rem}pre{padding:.8rem;overflow:auto}"
)
_PAGE = f"""<!doctype html>
<html lang="zh">
<head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>知客 Zhike</title>
<style>{_STYLE}</style></head>
<body>
<h1>知客 Zhike</h1>
<p>这里是 CRM 的 GraphQL 接口，没有网页界面。This is the GraphQL API of a CRM; it has no pages of its own.</p>
<ol>
<li>接口地址：<code>POST /graphql</code>。The API is at <code>POST /graphql</code>.</li>
<li>用 <code>signIn</code> 取得令牌，放入 <code>Authorization: Bearer …</code>。
Get a token by <code>signIn</code>, and send it as <code>Authorization: Bearer …</code>.
<pre>mutation {{ signIn(input: {{ login: "…", password: "…" }}) {{ accessToken userErrors {{ message }} }} }}</pre></li>
<li>架构：自省，或代码库中的 <code>schema/schema.graphql</code>；
说明：代码库中的 <code>README.zh.md</code> 和 <code>docs/</code>。
The schema: by introspection, or <code>schema/schema.graphql</code> in the repository; the documents:
<code>README.md</code> and <code>docs/</code> there.</li>
<li>演示令牌由 <code>make run</code> 打印。<code>make run</code> prints the tokens of the demo.</li>
</ol>
</body></html>
"""
_BODY = _PAGE.encode()
_HEADERS = {
    "cache-control": "no-store",
    "content-security-policy": (
        f"default-src 'none'; style-src 'sha256-{b64encode(sha256(_STYLE.encode()).digest()).decode()}'; "
        "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    ),
    "referrer-policy": "no-referrer",
    "vary": "accept",
    "x-content-type-options": "nosniff",
}


def page() -> Response:
    """HTML without scripts, links or anything from elsewhere, under a policy that forbids all of it."""
    return Response(_BODY, headers=_HEADERS, media_type="text/html")
