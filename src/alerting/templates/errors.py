"""What can be wrong with a template, with its place."""

from dataclasses import dataclass


class TemplateError(ValueError):
    """The text names the template, line and column."""


@dataclass(frozen=True, slots=True)
class Source:
    """A template's text and the name that errors give it."""

    name: str
    text: str

    def error(self, at: int, reason: str) -> TemplateError:
        """What is wrong at an offset of the text."""
        line = self.text.count("\n", 0, at) + 1
        column = at - self.text.rfind("\n", 0, at)
        return TemplateError(f"template: {self.name}:{line}:{column}: {reason}")
