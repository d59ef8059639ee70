"""What is wrong with the words of a command, said in the user's language and without repeating what was typed.

A number typed in the wrong place may be a customer's; only names the program itself knows are told.
"""

import re
from typing import ClassVar, Final

from typer._click import (
    exceptions as click_errors,
)  # typer carries its own click and does not re-export these

from midan.core.errors import MidanError

_OPTION: Final = re.compile(r"-[a-z]|--[a-z][a-z-]{0,30}")


class UsageRefused(MidanError):
    """The words of the command do not fit; `help` is the command that shows how they would."""

    code: ClassVar[str] = "usage"
    exit_code: ClassVar[int] = 2


def usage_refused(error: click_errors.ClickException) -> UsageRefused:
    """Return what to tell about words that do not fit."""
    context = getattr(error, "ctx", None)
    help_command = f"{context.command_path if context else 'midan'} --help"
    match error:
        case click_errors.MissingParameter() if error.param is not None:
            parameter = _name(error)
            return UsageRefused("缺少 %(parameter)s。用法见 %(help)s", parameter=parameter, help=help_command)
        case click_errors.BadParameter() if error.param is not None:
            parameter = _name(error)
            return UsageRefused(
                "%(parameter)s 的值不对。用法见 %(help)s", parameter=parameter, help=help_command
            )
        case click_errors.BadParameter():
            return UsageRefused("参数的值不对。用法见 %(help)s", help=help_command)
        case click_errors.NoSuchOption() if _OPTION.fullmatch(error.option_name):
            return UsageRefused(
                "没有选项 %(option)s。用法见 %(help)s", option=error.option_name, help=help_command
            )
        case _:
            return _by_words(error.message, help_command)


def _by_words(english: str, help_command: str) -> UsageRefused:
    if english.startswith("No such option"):
        return UsageRefused("没有这个选项。用法见 %(help)s", help=help_command)
    if english.startswith("No such command"):
        return UsageRefused("没有这个命令。用法见 %(help)s", help=help_command)
    if english.startswith("Got unexpected extra"):
        return UsageRefused("有多出的参数。用法见 %(help)s", help=help_command)
    # A group named without a command shows its help and has no words of its own.
    if not english or english.startswith("Missing command"):
        return UsageRefused("还要写明做什么。用法见 %(help)s", help=help_command)
    return UsageRefused("命令写法不对。用法见 %(help)s", help=help_command)


def _name(error: click_errors.BadParameter) -> str:
    """Return an option as it is typed, or an argument's name."""
    names = [*getattr(error.param, "opts", ())]
    return max(names, key=len) if names else str(getattr(error.param, "name", ""))
