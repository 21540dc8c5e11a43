"""Templates by name, and the expansion of a text that may call them."""

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property, lru_cache
from types import MappingProxyType

from alerting.templates.builtins import BUILTINS, LAZY, escaped
from alerting.templates.errors import Source
from alerting.templates.evaluate import Run, Template
from alerting.templates.parser import parse
from alerting.templates.values import Function


def _as_is(text: str) -> str:
    return text


# Rules expand the same texts at each evaluation.
_parsed = lru_cache(maxsize=4_096)(parse)


@dataclass(frozen=True)
class Engine:
    """Named templates and the functions that all of them may call; never changed."""

    functions: Mapping[str, Function]
    templates: Mapping[str, Template] = field(default_factory=dict)

    def with_files(self, files: Iterable[tuple[str, str]]) -> "Engine":
        """With what the given (name, text) define; the later wins. Raises TemplateError."""
        templates = dict(self.templates)
        for name, text in files:
            source = Source(name, text)
            parsed = _parsed(source, self._names, frozenset())
            templates[name] = Template(source, parsed.body)
            templates |= {n: Template(source, body) for n, body in parsed.defined.items()}
        return Engine(self.functions, templates)

    def check(self, text: str, name: str = "", variables: Collection[str] = ()) -> None:
        """Raises TemplateError where the text cannot be parsed."""
        _parsed(Source(name, text), self._names, frozenset(variables))

    def expand(
        self,
        text: str,
        data: object,
        name: str = "",
        variables: Mapping[str, object] = MappingProxyType({}),
    ) -> str:
        """The text with its actions carried out on `data`. Raises TemplateError.

        `variables` are known besides `$`, such as `$labels`.
        """
        return self._expand(Source(name, text), data, variables, _as_is)

    def expand_html(self, text: str, data: object) -> str:
        """The same, every value escaped. Raises TemplateError."""
        return self._expand(Source("", text), data, {}, escaped)

    @cached_property
    def _names(self) -> frozenset[str]:
        return frozenset((*self._known, *LAZY))

    @cached_property
    def _known(self) -> Mapping[str, Function]:
        return {**BUILTINS, **self.functions}

    def _expand(
        self,
        source: Source,
        data: object,
        variables: Mapping[str, object],
        escape: Callable[[str], str],
    ) -> str:
        if "{{" not in source.text:
            return source.text
        parsed = _parsed(source, self._names, frozenset(variables))
        own = {name: Template(source, body) for name, body in parsed.defined.items()}
        run = Run(
            templates={**self.templates, **own} if own else self.templates,
            functions=self._known,
            source=source,
            escape=escape,
            variables=variables,
        )
        try:
            run.template(Template(source, parsed.body), data)
        except RecursionError:
            raise source.error(0, "nested too deeply") from None
        return "".join(run.written)
