"""A small OIDC provider on this machine: discovery, code flow with PKCE, signed tokens; or not."""

from __future__ import annotations

import base64
import hashlib
import json
import secrets
import threading
from contextlib import suppress
from dataclasses import dataclass, field
from functools import cache
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

from joserfc import jwt
from joserfc.jwk import OctKey, RSAKey

CLIENT, SECRET = "geo-service", "s3cret of the client"


@cache
def _own_key() -> RSAKey:
    return RSAKey.generate_key(2048, {"kid": "k1"})


@dataclass
class Provider:
    """Whoever comes to `/authorize` is `subject`; `spoil` changes what a token claims.

    `garbled` has status and body to answer with instead, by path; None hangs up;
    `packed` tells that such bodies are packed by gzip.
    """

    now: int
    subject: str = "u-17"
    spoil: dict[str, Any] = field(default_factory=dict)
    algorithm: str = "RS256"
    key: RSAKey = field(default_factory=_own_key)
    published: RSAKey | None = None
    codes: dict[str, dict[str, str]] = field(default_factory=dict)
    issuer: str = ""
    garbled: dict[str, tuple[int, bytes] | None] = field(default_factory=dict)
    packed: bool = False

    def __post_init__(self) -> None:
        self.server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(self))
        self.issuer = f"http://127.0.0.1:{self.server.server_port}"
        threading.Thread(target=self.server.serve_forever, args=(0.02,), daemon=True).start()

    @property
    def discovery(self) -> str:
        return f"{self.issuer}/.well-known/openid-configuration"

    def stop(self) -> None:
        self.server.shutdown()
        self.server.server_close()

    def metadata(self) -> dict[str, Any]:
        return {
            "issuer": self.issuer,
            "authorization_endpoint": f"{self.issuer}/authorize",
            "token_endpoint": f"{self.issuer}/token",
            "jwks_uri": f"{self.issuer}/jwks",
        }

    def authorize(self, asked: dict[str, str]) -> str:
        assert asked["response_type"] == "code"
        assert asked["client_id"] == CLIENT
        assert asked["code_challenge_method"] == "S256"
        code = secrets.token_urlsafe(16)
        self.codes[code] = asked
        return f"{asked['redirect_uri']}?{urlencode({'code': code, 'state': asked['state']})}"

    def token(self, asked: dict[str, str], authorization: str) -> dict[str, Any] | None:
        begun = self.codes.pop(asked.get("code", ""), None)
        expected = base64.b64encode(f"{CLIENT}:{SECRET}".encode()).decode()
        if begun is None or authorization != f"Basic {expected}":
            return None
        digest = hashlib.sha256(asked.get("code_verifier", "").encode()).digest()
        if base64.urlsafe_b64encode(digest).decode().rstrip("=") != begun["code_challenge"]:
            return None
        if asked.get("redirect_uri") != begun["redirect_uri"]:
            return None
        claims = {
            "iss": self.issuer,
            "sub": self.subject,
            "aud": CLIENT,
            "iat": self.now,
            "exp": self.now + 300,
            "nonce": begun["nonce"],
            **self.spoil,
        }
        kept = {name: value for name, value in claims.items() if value is not None}
        return {"access_token": "x", "token_type": "Bearer", "id_token": self._signed(kept)}

    def _signed(self, claims: dict[str, Any]) -> str:
        if self.algorithm == "none":
            parts = ({"alg": "none", "kid": "k1"}, claims)
            coded = [base64.urlsafe_b64encode(json.dumps(p).encode()).decode() for p in parts]
            return ".".join(part.rstrip("=") for part in coded) + "."
        key: Any = OctKey.import_key(SECRET) if self.algorithm == "HS256" else self.key
        header = {"alg": self.algorithm, "kid": "k1"}
        return jwt.encode(header, claims, key, algorithms=[self.algorithm])

    def keys(self) -> dict[str, Any]:
        return {"keys": [(self.published or self.key).as_dict(private=False)]}


def _handler(provider: Provider) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def log_message(self, *_: Any) -> None: ...

        def _json(self, body: Any, status: int = 200) -> None:
            self.send_response(status)
            self.send_header("content-type", "application/json")
            self.end_headers()
            self.wfile.write(json.dumps(body).encode())

        def _garbled(self, path: str) -> bool:
            if path not in provider.garbled:
                return False
            garbage = provider.garbled[path]
            if garbage is None:
                self.close_connection = True
                return True
            self.send_response(garbage[0])
            self.send_header("content-type", "application/json")
            if provider.packed:
                self.send_header("content-encoding", "gzip")
            self.send_header("location", provider.issuer)
            self.end_headers()
            with suppress(OSError):  # who asks need not read it to its end
                self.wfile.write(garbage[1])
            return True

        def do_GET(self) -> None:
            parts = urlsplit(self.path)
            if self._garbled(parts.path):
                return
            if parts.path == "/authorize":
                asked = {name: values[0] for name, values in parse_qs(parts.query).items()}
                self.send_response(302)
                self.send_header("location", provider.authorize(asked))
                self.end_headers()
            elif parts.path == "/jwks":
                self._json(provider.keys())
            else:
                self._json(provider.metadata())

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["content-length"])).decode()
            if self._garbled(self.path):
                return
            asked = {name: values[0] for name, values in parse_qs(body).items()}
            answer = provider.token(asked, self.headers.get("authorization", ""))
            if answer is None:
                self._json({"error": "invalid_grant"}, 400)
            else:
                self._json(answer)

    return Handler
