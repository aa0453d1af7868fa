"""All that the tools and the site know of a language, beside its catalogues.

A new language is one more entry here; a test holds that every language of the
course has one.
"""

from dataclasses import dataclass

from hpocourse.languages import get_language

__all__ = ["WORDINGS", "Wording", "wording"]


@dataclass(frozen=True)
class Wording:
    r"""The words and the typography of one language.

    Attributes
    ----------
    setup_comment : str
        The sentence at the top of every setup cell, at most 77 characters.
    quiz_heading, quiz_answer : str
        The heading of the questions at the end of a chapter, and what opens an
        answer.
    solution, answer_here : str
        What opens an exercise's solution, and what stands in place of a text.
    points : str
        How exercises write points; a regular expression with their number.
    detector : str
        What lingua, which tells languages apart, calls it: ``"PORTUGUESE"``.
    numbers : str
        How prose writes the numbers from 0 to 12 in words: regular expressions
        for the beginnings of words, ``,`` between those of the same number and
        ``|`` between numbers; ``\b`` where a word must end.
    units : str
        Units that a non-breaking space parts from their number, with ``|``.
    minutes : str
        How a time to read is written after its number; a regular expression.
    quiz_letters : str, optional
        By which the options are called, in their order.
    decimal : str, optional
        What stands before decimals; thousands are parted by a thin or a
        non-breaking space in every language.
    percent_space : bool, optional
        Whether a non-breaking space stands before the percent sign.
    pairs : tuple of tuple of str, optional
        Signs of which a text has as many as of the other.
    wrong_quotes, quotes : str, optional
        A regular expression for quotes that are not the language's, and its own.
    own_letters : str, optional
        Letters with a mark that are letters of their own where terms are sorted.
    same_letters : tuple of tuple of str, optional
        Letters that readers write for others; they replace them in the search.
        Without them, the search is blind to accents.
    """

    setup_comment: str
    quiz_heading: str
    quiz_answer: str
    solution: str
    answer_here: str
    points: str
    detector: str
    numbers: str
    units: str
    minutes: str
    quiz_letters: str = "abcd"
    decimal: str = ","
    percent_space: bool = True
    pairs: tuple[tuple[str, str], ...] = ()
    wrong_quotes: str = ""
    quotes: str = ""
    own_letters: str = ""
    same_letters: tuple[tuple[str, str], ...] = ()


WORDINGS = {
    "pt": Wording(
        setup_comment="Instala o pacote do curso se ele faltar, como no Colab.",
        quiz_heading="Confira se entendeu",
        quiz_answer="Resposta",
        solution="Solução",
        answer_here="*Escreva aqui a sua resposta.*",
        points=r"(\d+) pontos?\b",
        detector="PORTUGUESE",
        numbers=(
            r"zero,nenhum|um\b,uma\b,primeir,únic,cada|dois,duas,segund,dobro,ambos,"
            r"ambas|três,terceir,tripl|quatro,quarto|cinco,quinto|seis,sexto|sete\b,"
            r"sétim|oito,oitav|nove\b,nono|dez\b,décim|onze|doze"
        ),
        units="s|ms|min|h|[kKMG]B|px|GHz",
        minutes=r"min\b|minut\w*",
        percent_space=False,
    ),
    "es": Wording(
        setup_comment="Instala el paquete del curso si falta, como en Colab.",
        quiz_heading="Comprueba si lo entendiste",
        quiz_answer="Respuesta",
        solution="Solución",
        answer_here="*Escribe aquí tu respuesta.*",
        points=r"(\d+) puntos?\b",
        detector="SPANISH",
        numbers=(
            r"cero,ningun|uno?\b,una\b,primer,únic,cada|dos\b,segund,doble\b,ambos,"
            r"ambas|tres\b,tercer,tripl|cuatro,cuart|cinco,quint|seis,sext|siete,"
            r"séptim|ocho,octav|nueve,noven|diez,décim|once|doce"
        ),
        units="s|ms|min|h|[kKMG]B|px|GHz",
        minutes=r"min\b|minut\w*",
        pairs=(("¿", "?"), ("¡", "!")),
    ),
    "ru": Wording(
        setup_comment="Устанавливает пакет курса там, где его нет, например в Colab.",
        quiz_heading="Проверим себя",
        quiz_answer="Ответ",
        solution="Решение",
        answer_here="*Здесь нужно написать ответ.*",
        points=r"(\d+) балл(?:а|ов)?\b",
        quiz_letters="абвг",
        detector="RUSSIAN",
        # Beginnings, as words have many ends.
        numbers=(
            r"нол,нул|один,одн,перв,един,кажд|два\b,две\b,двух,двум,втор,дво,обе\b,"
            r"оба\b,вдво,удво|три\b,трех,трём,трет,трое,втро,утро|четыр,четвер,четвёр|"
            r"пят|шест|сем[иь],седьм|восем,восьм|девят|десят|одиннадцат|двенадцат"
        ),
        units="с|мс|мин|ч|[КкМГ]Б|[kKMG]B|px|ГГц",
        minutes=r"мин\w*",
        wrong_quotes=r'"[^"]*"?|(?<!„)\b“[^”]*”|“[^”“]*”',
        quotes="«ёлочки»",
        own_letters="й",
        same_letters=(("ё", "е"),),
    ),
}


def wording(language: str) -> Wording:
    """Return the words of a language.

    Parameters
    ----------
    language : str
        The language in any of its forms.

    Raises
    ------
    ValueError
        If nobody has written them yet.
    """
    folder = get_language(language).folder
    if folder not in WORDINGS:
        raise ValueError(
            f"tools/wording.py: WORDINGS has no entry {folder!r}; add one, as "
            "CONTRIBUTING.md says under 'Add a language'"
        )
    return WORDINGS[folder]
