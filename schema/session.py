"""What signing in is given and answers."""

from datetime import datetime

import strawberry
from strawberry import UNSET

from schema.payloads import ERRORS, UserError
from schema.viewer import Viewer

ACCESS = "访问令牌，以 Authorization: Bearer 发送。Access token; send it as `Authorization: Bearer`."
REFRESH = "刷新令牌，只能用一次；请妥善保存。Refresh token, good once: keep it secret, and replace it at each refresh."
EXPIRES = "访问令牌的失效时间（UTC）。When the access token ends."
VIEWER = "登录者。Who signed in."


@strawberry.input(description="登录。Signing in.")
class SignInInput:
    login: str = strawberry.field(description="登录名，不分大小写。Login; case does not count.")
    password: str = strawberry.field(description="密码。Password.")
    device: str | None = strawberry.field(default=UNSET, description="设备名称。A name for the device.")
    device_token: str | None = strawberry.field(
        default=UNSET,
        description="此设备上次得到的刷新令牌（可选，已用过的也可以）：只要其会话仍有效，同一地址上他人的失败登录不会使本设备等待。"
        "The refresh token that this device was last given for this login, used or not: while its session is live, "
        "failed attempts of others at the same address do not make this device wait. Anything else is ignored.",
    )


@strawberry.input(description="续期会话。Carrying a session on.")
class RefreshSessionInput:
    refresh_token: str = strawberry.field(description="上次得到的刷新令牌。The refresh token of the last answer.")


@strawberry.type(
    description="signIn 的结果；被拒绝时各令牌为 null。What signIn came to; tokens are null where refused."
)
class SignInPayload:
    access_token: str | None = strawberry.field(description=ACCESS)
    refresh_token: str | None = strawberry.field(description=REFRESH)
    expires_at: datetime | None = strawberry.field(description=EXPIRES)
    viewer: Viewer | None = strawberry.field(description=VIEWER)
    user_errors: list[UserError] = strawberry.field(description=ERRORS)


@strawberry.type(
    description="refreshSession 的结果；被拒绝时各令牌为 null。"
    "What refreshSession came to; tokens are null where refused."
)
class RefreshSessionPayload:
    access_token: str | None = strawberry.field(description=ACCESS)
    refresh_token: str | None = strawberry.field(description=REFRESH)
    expires_at: datetime | None = strawberry.field(description=EXPIRES)
    viewer: Viewer | None = strawberry.field(description=VIEWER)
    user_errors: list[UserError] = strawberry.field(description=ERRORS)
