"""Small sources with one planted defect a rule, and clean ones that look alike."""

# ruff: noqa: E501 - sources as they are

from __future__ import annotations

PYTHON_DEFECTS = {
    "hb-python-resource-left-open": "def f(path):\n    handle = open(path)\n    print(handle.read())\n",
    "hb-python-open-used-and-dropped": "def f(path):\n    return open(path).read()\n",
    "hb-python-match-used-unchecked": 'import re\n\n\ndef f(t):\n    return re.match("a", t).group(0)\n',
    "hb-python-environment-value-unchecked": 'import os\n\nHOME = os.environ.get("HOME").strip()\n',
    "hb-python-none-dereferenced": "def f(x):\n    if x is None:\n        return x.name\n    return 1\n",
    "hb-python-lock-not-released": "def f(lock, work):\n    lock.acquire()\n    work()\n    lock.release()\n",
    "hb-python-shared-counter-unguarded": (
        "import threading\n\nCOUNT = 0\n\n\ndef f():\n    global COUNT\n    COUNT += 1\n    threading.Event()\n"
    ),
    "hb-python-event-loop-blocked": "import time\n\n\nasync def f():\n    time.sleep(1)\n",
    "hb-python-checked-then-created": (
        'import os\n\n\ndef f(p):\n    if not os.path.exists(p):\n        with open(p, "w") as h:\n'
        '            h.write("")\n'
    ),
    "hb-python-secret-compared-in-variable-time": (
        "def f(request, api_token):\n    return api_token == request.x\n"
    ),
    "hb-python-secret-in-log": 'def f(log, password):\n    log.info("login with %s", password)\n',
    "hb-python-sql-from-text": "def f(c, name):\n    c.execute(f\"select * from t where n = '{name}'\")\n",
    "hb-python-guessable-secret": "import random\n\n\ndef f():\n    token = random.randint(0, 9)\n    return token\n",
    "hb-python-secret-in-source": 'db_password = "tr4ding-Secret"\n',
    "hb-python-peer-not-verified": "def f(context):\n    context.check_hostname = False\n",
    "hb-python-private-key-in-source": f'KEY = """-----BEGIN RSA {"PRIVATE"} KEY-----\nabc\n"""\n',
}

PYTHON_CLEAN = """
import asyncio
import hmac
import os
import re
import secrets
import threading
from pathlib import Path

LOCK = threading.Lock()
COUNT = 0


def read(path):
    with open(path) as handle:
        return handle.read()


def opened(path):
    handle = open(path)
    try:
        return handle.read()
    finally:
        handle.close()


def group(text):
    found = re.match("a", text)
    if found is None:
        return ""
    return found.group(0)


def home():
    return os.environ.get("HOME", "").strip()


def name(value):
    if value is None:
        return ""
    return value.name


def guarded(lock, work):
    with lock:
        work()


def count():
    global COUNT
    with LOCK:
        COUNT += 1


SECRET_NAME = "hummingbird-workload"
PASSWORD_FILE = "/etc/secrets/password1"


def session(connect, host, password):
    return connect.open(host, password)


async def wait():
    await asyncio.sleep(1)


def same(a, b):
    return hmac.compare_digest(a, b)


def query(cursor, name):
    cursor.execute("select * from t where n = %s", (name,))


def token():
    token = secrets.token_urlsafe(24)
    return token


def create(path):
    Path(path).write_text("")
"""

JAVASCRIPT_DEFECTS = {
    "hb-javascript-file-left-open": (
        'const fs = require("fs");\nfunction f(p) {\n  const fd = fs.openSync(p);\n  return fs.fstatSync(fd);\n}\n'
    ),
    "hb-javascript-search-result-unchecked": "function f(l) {\n  return l.find((x) => x.id === 1).name;\n}\n",
    "hb-javascript-async-for-each": (
        "function f(l, s) {\n  l.forEach(async (x) => {\n    await s(x);\n  });\n}\n"
    ),
    "hb-javascript-code-from-text": "function f(t) {\n  return eval(t);\n}\n",
    "hb-javascript-shell-from-text": (
        'const child_process = require("child_process");\nfunction f(n) {\n'
        "  child_process.exec(`ls ${n}`);\n}\n"
    ),
    "hb-javascript-markup-from-text": "function f(node, t) {\n  node.innerHTML = t;\n}\n",
    "hb-javascript-peer-not-verified": "const options = { rejectUnauthorized: false };\n",
}

JAVASCRIPT_CLEAN = """
export function told(list, say) {
  list.forEach((item, index) => {
    say(index, item);
  });
}

const fs = require("fs");
function size(path) {
  const fd = fs.openSync(path);
  try {
    return fs.fstatSync(fd).size;
  } finally {
    fs.closeSync(fd);
  }
}
async function all(list, send) {
  for (const one of list) {
    await send(one);
  }
}
function show(node, text) {
  node.textContent = text;
  node.innerHTML = "";
}
function named(list) {
  return list.find((x) => x.id === 1)?.name;
}
"""

_CLASS = "import java.io.*;\nimport java.security.*;\nimport java.util.*;\nclass T {\n%s\n}\n"

JAVA_DEFECTS = {
    "hb-java-stream-left-open": _CLASS
    % "  int f(String p) throws IOException { FileInputStream s = new FileInputStream(p); int b = s.read(); "
    "System.out.println(b); return b; }",
    "hb-java-optional-unchecked": _CLASS
    % "  String f(List<String> l) { Optional<String> o = l.stream().findFirst(); return o.get(); }",
    "hb-java-lock-on-shared-literal": _CLASS % '  void f() { synchronized ("lock") { g(); } }\n  void g() {}',
    "hb-java-date-format-shared": _CLASS % '  static java.text.DateFormat F = new SimpleDateFormat("yyyy");',
    "hb-java-sql-from-text": _CLASS
    % '  void f(java.sql.Statement s, String n) throws Exception { s.executeQuery("select " + n); }',
    "hb-java-command-from-text": _CLASS
    % '  void f(String n) throws IOException { Runtime.getRuntime().exec("ls " + n); }',
    "hb-java-broken-digest": _CLASS
    % '  Object f() throws Exception { return MessageDigest.getInstance("MD5"); }',
}

JAVA_CLEAN = _CLASS % (
    "  int f(String p) throws IOException { try (FileInputStream s = new FileInputStream(p)) { return s.read(); } }\n"
    "  String g(List<String> l) { Optional<String> o = l.stream().findFirst(); "
    'if (o.isPresent()) { return o.get(); } return ""; }\n'
    "  private final Object lock = new Object();\n  void h() { synchronized (lock) { f2(); } }\n  void f2() {}"
)
