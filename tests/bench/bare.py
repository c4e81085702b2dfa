"""What HTTP alone costs: the body is read, thrown away, and answered with 200."""

import sys

import uvicorn
from fastapi import FastAPI, Request, Response
from starlette.types import ASGIApp, Receive, Scope, Send

from api.intake.hooks import PATH
from api.server import BACKLOG

ANSWER = b'{"result":"accepted"}'
HEADERS = [(b"content-type", b"application/json"), (b"content-length", b"%d" % len(ANSWER))]


def fastapi_app() -> FastAPI:
    app = FastAPI()

    @app.post(PATH)
    async def hook(request: Request) -> Response:
        await request.body()
        return Response(ANSWER, media_type="application/json")

    return app


async def asgi_app(scope: Scope, receive: Receive, send: Send) -> None:
    assert scope["type"] == "http"
    while (await receive()).get("more_body"):
        pass
    await send({"type": "http.response.start", "status": 200, "headers": HEADERS})
    await send({"type": "http.response.body", "body": ANSWER})


def serve(app: ASGIApp, port: int) -> None:
    """As our own API process is served."""
    uvicorn.run(
        app,
        host="127.0.0.1",
        port=port,
        loop="uvloop",
        http="httptools",
        lifespan="off",
        access_log=False,
        log_level="warning",
        backlog=BACKLOG,
        server_header=False,
        date_header=False,
    )


if __name__ == "__main__":
    serve(fastapi_app() if sys.argv[2] == "fastapi" else asgi_app, int(sys.argv[1]))
