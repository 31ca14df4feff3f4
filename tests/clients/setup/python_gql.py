"""gql for queries and mutations; httpx2 beside it follows, since gql knows no server-sent events."""

import asyncio
import json
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx2
from gql import Client, GraphQLRequest
from gql.transport.httpx import HTTPXAsyncTransport

SIGN_IN = """mutation ($input: SignInInput!) {
  signIn(input: $input) { accessToken refreshToken expiresAt userErrors { code message } } }"""
REFRESH = """mutation ($input: RefreshSessionInput!) {
  refreshSession(input: $input) { accessToken refreshToken expiresAt userErrors { code message } } }"""
EARLY = timedelta(seconds=30)
WORTH_REPEATING = {401, 429, 503}


class Session(httpx2.Auth):
    """Adds an access token that is still good, and replaces it shortly before it ends."""

    requires_response_body = True

    def __init__(self, url: str) -> None:
        self.url, self.lock = url, asyncio.Lock()

    async def sign_in(self, login: str, password: str) -> None:
        await self._open(SIGN_IN, {"login": login, "password": password})

    async def token(self) -> str:
        async with self.lock:  # the refresh token is good once: no two refreshes at a time
            if datetime.now(UTC) >= self.replace_at:
                await self._open(REFRESH, {"refreshToken": self.refresh_token})
            return self.access_token

    async def async_auth_flow(self, request: httpx2.Request) -> Any:
        request.headers["authorization"] = f"Bearer {await self.token()}"
        yield request

    async def _open(self, document: str, values: dict[str, str]) -> None:
        async with Client(transport=HTTPXAsyncTransport(url=self.url)) as client:
            request = GraphQLRequest(document, variable_values={"input": values})
            (opened,) = (await client.execute(request)).values()
        if opened["userErrors"]:
            raise RuntimeError(opened["userErrors"][0]["message"])
        self.access_token, self.refresh_token = opened["accessToken"], opened["refreshToken"]
        self.replace_at = datetime.fromisoformat(opened["expiresAt"]) - EARLY


def client_of(session: Session) -> Client:
    return Client(transport=HTTPXAsyncTransport(url=session.url, auth=session))


async def follow(session: Session, query: str, variables: dict[str, Any]) -> AsyncIterator[dict[str, Any]]:
    """Yields what each event holds; connects again, from the last change on, when the stream ends."""
    variables, pause = dict(variables), 0.25
    async with httpx2.AsyncClient(auth=session, timeout=httpx2.Timeout(10, read=60)) as http:
        while True:
            request = {"query": query, "variables": variables}
            headers = {"accept": "text/event-stream"}
            try:
                async with http.stream("POST", session.url, json=request, headers=headers) as response:
                    if response.status_code not in WORTH_REPEATING:
                        response.raise_for_status()
                    async for line in response.aiter_lines():
                        if line.startswith("data: ") and (data := json.loads(line[6:]).get("data")):
                            pause = 0.25
                            variables["after"] = next(iter(data.values()))["cursor"]
                            yield data
                        elif line == "event: complete":
                            return
            except httpx2.TransportError:
                pass
            await asyncio.sleep(pause)
            pause = min(30, pause * 2)
