"""Frameworks of Python: what declares them, and how a program of each is started."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from cygni.builder.detect.rules import Framework

FRAMEWORKS: Final = (
    Framework("django", ("django",), port=8000),
    Framework("fasthtml", ("python-fasthtml",), port=5001),
    Framework("reflex", ("reflex",), port=3000, start="reflex run --env prod"),
    Framework("streamlit", ("streamlit",), port=8501, health="/_stcore/health",
              start="streamlit run {file} --server.address=0.0.0.0 --server.port=${{PORT:-8501}}"),
    Framework("chainlit", ("chainlit",), port=8000,
              start="chainlit run {file} --headless --host 0.0.0.0 --port ${{PORT:-8000}}"),
    Framework("panel", ("panel",), port=5006,
              start="panel serve {file} --address 0.0.0.0 --port ${{PORT:-5006}} --allow-websocket-origin='*'"),
    Framework("nicegui", ("nicegui",), port=8080),
    Framework("gradio", ("gradio",), port=7860),
    Framework("dash", ("dash",), port=8050),
    Framework("litestar", ("litestar", "starlite"), port=8000),
    Framework("blacksheep", ("blacksheep",), port=8000),
    Framework("fastapi", ("fastapi", "fastapi-slim"), port=8000),
    Framework("starlette", ("starlette",), port=8000),
    Framework("quart", ("quart",), port=8000),
    Framework("sanic", ("sanic",), port=8000),
    Framework("robyn", ("robyn",), port=8080),
    Framework("flask", ("flask",), port=5000),
    Framework("falcon", ("falcon",), port=8000),
    Framework("bottle", ("bottle",), port=8080),
    Framework("pyramid", ("pyramid",), port=6543),
    Framework("cherrypy", ("cherrypy",), port=8080),
    Framework("tornado", ("tornado",), port=8888),
    Framework("aiohttp", (), port=8080),  # a client as often as a server: only its Application tells
)  # fmt: skip

BROUGHT_ALONG: Final = frozenset({"tornado", "starlette", "bottle", "cherrypy", "falcon", "panel"})
"""Frameworks that other packages are made of, so that `pip freeze` lists them: they take an import to tell."""


class Interface:
    """How a server calls a program."""

    ASGI: Final = "asgi"
    WSGI: Final = "wsgi"
    OWN: Final = "own"


@dataclass(frozen=True, slots=True)
class Application:
    """What makes the application of a framework: the module it is imported from, the names, and the interface."""

    framework: str
    module: str
    makers: tuple[str, ...]
    interface: str


APPLICATIONS: Final = (
    Application("fasthtml", "fasthtml", ("FastHTML", "fast_app"), Interface.ASGI),
    Application("fastapi", "fastapi", ("FastAPI",), Interface.ASGI),
    Application("litestar", "litestar", ("Litestar",), Interface.ASGI),
    Application("litestar", "starlite", ("Starlite",), Interface.ASGI),
    Application("blacksheep", "blacksheep", ("Application",), Interface.ASGI),
    Application("starlette", "starlette", ("Starlette",), Interface.ASGI),
    Application("quart", "quart", ("Quart",), Interface.ASGI),
    Application("sanic", "sanic", ("Sanic",), Interface.OWN),
    Application("robyn", "robyn", ("Robyn",), Interface.OWN),
    Application("flask", "flask", ("Flask",), Interface.WSGI),
    Application("falcon", "falcon", ("App", "API"), Interface.WSGI),
    Application("bottle", "bottle", ("Bottle", "default_app"), Interface.WSGI),
    Application("pyramid", "pyramid", ("make_wsgi_app",), Interface.WSGI),
    Application("dash", "dash", ("Dash",), Interface.OWN),
    Application("tornado", "tornado", ("Application",), Interface.OWN),
    Application("aiohttp", "aiohttp", ("Application",), Interface.OWN),
)
USED_BY_IMPORT: Final[Mapping[str, str]] = {
    "streamlit": "streamlit",
    "chainlit": "chainlit",
    "gradio": "gradio",
    "panel": "panel",
    "nicegui": "nicegui",
    "reflex": "reflex",
    "cherrypy": "cherrypy",
    "tornado": "tornado",
    "bottle": "bottle",
}
"""Frameworks whose programs are scripts: the module that one imports, and the framework."""

ASGI_SERVERS: Final = {
    "uvicorn": "uvicorn {target} --host 0.0.0.0 --port ${{PORT:-{port}}}",
    "hypercorn": "hypercorn {target} --bind 0.0.0.0:${{PORT:-{port}}}",
    "granian": "granian --interface asgi {target} --host 0.0.0.0 --port ${{PORT:-{port}}}",
    "daphne": "daphne -b 0.0.0.0 -p ${{PORT:-{port}}} {target}",
}
WSGI_SERVERS: Final = {
    "gunicorn": "gunicorn {target} --bind 0.0.0.0:${{PORT:-{port}}}",
    "waitress": "waitress-serve --host=0.0.0.0 --port=${{PORT:-{port}}} {target}",
    "granian": "granian --interface wsgi {target} --host 0.0.0.0 --port ${{PORT:-{port}}}",
}
"""Servers by the package that brings them, the usual one first."""

WORKERS: Final = (
    "celery", "rq", "dramatiq", "huey", "arq", "discord-py", "py-cord", "nextcord", "disnake", "aiogram",
    "python-telegram-bot", "pytelegrambotapi", "slack-bolt", "apscheduler", "schedule", "kafka-python",
    "confluent-kafka", "pika", "faust-streaming", "tweepy", "scrapy",
)  # fmt: skip
"""Packages of programs that wait for messages, not for requests."""

SYSTEM_PACKAGES: Final = (
    (("psycopg2", "psycopg"), ("libpq5",)),
    (("mysqlclient",), ("default-libmysqlclient-dev", "build-essential", "pkg-config")),
    (("pdf2image",), ("poppler-utils",)),
    (("pytesseract",), ("tesseract-ocr",)),
    (("opencv-python", "opencv-contrib-python"), ("libgl1", "libglib2.0-0")),
    (("weasyprint",), ("libpango-1.0-0", "libpangoft2-1.0-0")),
    (("pydub", "ffmpeg-python", "moviepy"), ("ffmpeg",)),
    (("pycairo", "cairosvg"), ("libcairo2",)),
    (("python-ldap",), ("libldap2-dev", "libsasl2-dev")),
    (("xmlsec", "python3-saml"), ("libxmlsec1-openssl",)),
    (("python-magic",), ("libmagic1",)),
    (("pyodbc",), ("unixodbc",)),
    (("pyaudio",), ("portaudio19-dev",)),
    (("geopandas", "gdal"), ("gdal-bin", "libgdal-dev")),
)
