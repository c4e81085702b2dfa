"""The stock application behind FastAPI, as its documentation would have it: a thread a request."""

import sys

import msgspec
from fastapi import FastAPI, Request, Response
from fastapi.concurrency import run_in_threadpool
from psycopg.conninfo import conninfo_to_dict

from api.intake.hooks import PATH
from api.webhooks.shopify import bodies
from api.webhooks.shopify.signature import signed_by
from tests.bench.bare import serve
from tests.bench.place import SECRET
from tests.bench.stock import Customers

POOL = {"POSTGRES_POOL_SIZE": "10", "POSTGRES_MAX_OVERFLOW": "10"}
_ORDER = msgspec.json.Decoder(bodies.Order)


def app_over(customers: Customers) -> FastAPI:
    app = FastAPI()

    @app.post(PATH)
    async def hook(request: Request) -> Response:
        body = await request.body()
        if signed_by(body, request.headers["x-shopify-hmac-sha256"], [SECRET]) is None:
            return Response(status_code=401)
        webhook_id = request.headers["x-shopify-webhook-id"]
        result = await run_in_threadpool(customers.accept, webhook_id, _ORDER.decode(body))
        return Response(b'{"result":"%b"}' % result.encode(), media_type="application/json")

    return app


def environment(dsn: str) -> dict[str, str]:
    """The library's defaults but for the pool; never its stored functions: they lose events."""
    given = conninfo_to_dict(dsn)
    return {
        "PERSISTENCE_MODULE": "eventsourcing.postgres",
        "POSTGRES_DBNAME": str(given["dbname"]),
        "POSTGRES_HOST": str(given["host"]),
        "POSTGRES_PORT": str(given["port"]),
        "POSTGRES_USER": str(given["user"]),
        "POSTGRES_PASSWORD": "",
        **POOL,
    }


if __name__ == "__main__":
    serve(app_over(Customers(environment(sys.argv[2]))), int(sys.argv[1]))
