"""Fingerprints: equal for one way of failing, in five languages; different for another."""

import re

import pytest

from query.exceptions.stack import fingerprint, frames

PYTHON = """Traceback (most recent call last):
  File "/app/shop/cart.py", line 12, in checkout
    pay(order)
  File "/app/shop/pay.py", line 40, in pay
    raise CardDeclined(f"card {order.card} of 0x7f00aa11")
shop.CardDeclined: card 4711 of 0x7f00aa11"""
JAVA = """java.lang.IllegalStateException: order 17 is closed
\tat com.shop.Cart.checkout(Cart.java:31)
\tat com.shop.Cart.lambda$all$0(Cart.java:12)
\tat java.base/java.lang.Thread.run(Thread.java:840)
Caused by: java.sql.SQLException: row 9 is gone
\tat com.shop.Db.read(Db.java:7)
\t... 3 more"""
JAVASCRIPT = """TypeError: Cannot read properties of undefined (reading 'id')
    at checkout (/app/src/cart.js:10:15)
    at Object.<anonymous> (/app/src/index.js:3:1)
    at async /app/node_modules/koa/lib/app.js:20:5
    at /app/src/main.js:1:1"""
GO = """goroutine 17 [running]:
runtime/debug.Stack()
\t/usr/local/go/src/runtime/debug/stack.go:24 +0x5e
main.(*Cart).Checkout(0xc000010000, {0x1, 0x2})
\t/app/cart.go:31 +0x1d
created by main.main in goroutine 1
\t/app/main.go:9 +0x85"""
DOTNET = """System.InvalidOperationException: Order 17 is closed
   at Shop.Cart.Checkout(Order order) in /app/Cart.cs:line 31
   at Shop.Program.<Main>$(String[] args) in /app/Program.cs:line 5
   at System.Threading.Tasks.Task.Execute()"""


def shape(text: str) -> str:
    """As occurrences.sql makes it, but for UUIDs."""
    return re.sub("0x[0-9a-fA-F]+|[0-9]+", "#", text)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (PYTHON, ["checkout cart.py", "pay pay.py"]),
        (
            JAVA,
            [
                "com.shop.Cart.checkout Cart.java",
                "com.shop.Cart.lambda$all$# Cart.java",
                "java.base/java.lang.Thread.run Thread.java",
                "Caused by: java.sql.SQLException",
                "com.shop.Db.read Db.java",
            ],
        ),
        (
            JAVASCRIPT,
            [
                "checkout cart.js",
                "Object.<anonymous> index.js",
                "app.js",
                "main.js",
            ],
        ),
        (GO, ["runtime/debug.Stack", "main.(*Cart).Checkout"]),
        (
            DOTNET,
            [
                "Shop.Cart.Checkout(Order order) Cart.cs",
                "Shop.Program.<Main>$(String[] args) Program.cs",
                "System.Threading.Tasks.Task.Execute",
            ],
        ),
    ],
    ids=["python", "java", "javascript", "go", "dotnet"],
)
def test_frames_are_what_stays(text: str, expected: list[str]) -> None:
    assert frames(shape(text)) == expected


@pytest.mark.parametrize("text", [PYTHON, JAVA, JAVASCRIPT, GO, DOTNET])
def test_lines_messages_and_folders_do_not_matter(text: str) -> None:
    other = text.replace("/app/", "/srv/release-2/").replace("17", "99").replace("4711", "1")
    lines = [line.replace("is closed", "was closed by bob") for line in other.splitlines()]
    assert fingerprint("E", shape(text), True) == fingerprint("E", shape("\n".join(lines)), True)


def test_types_functions_and_messages_without_a_stack_do_matter() -> None:
    one = fingerprint("E", shape(PYTHON), True)
    assert one != fingerprint("F", shape(PYTHON), True)
    assert one != fingerprint("E", shape(PYTHON.replace("in pay", "in refund")), True)
    assert one != fingerprint("E", shape(PYTHON), False)
    assert fingerprint("E", "no stock of #", False) == fingerprint("E", "no stock of #", False)
    assert fingerprint("E", "no stock", False) != fingerprint(None, "no stock", False)
    assert len(one) == 16


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (
            "\tat a.B$$SpringCGLIB$$1f2e3d.f(<generated>)",
            "\tat a.B$$SpringCGLIB$$9a.f(<generated>)",
        ),
        (
            "    at f (https://a.b/main.3f2a1b9c.js:1:2)",
            "    at f (https://a.b/main.77aa00ff.js:9:9)",
        ),
        ("    at /app/main-1a2b3c.mjs:1:1", "    at /app/main-ffee12.mjs:7:1"),
    ],
)
def test_what_builds_and_generators_append_is_left_out(one: str, other: str) -> None:
    assert frames(shape(one)) == frames(shape(other)) != []


def test_files_of_like_names_stay_apart() -> None:
    assert frames(shape("    at f (/a/step-a1.js:1:2)")) != frames(
        shape("    at f (/a/step-b1.js:1:2)")
    )
