"""The scales of the pictures: round numbers for lines and legends, and percentages for places."""


def percent(part, whole):
    """`part` of `whole` in percent, as an attribute of SVG has it: "12.5%"."""
    return f"{round(100 * part / whole, 2) if whole else 0:g}%"


def round_up(number):
    """The next of 1, 2, 5, 10, 20, 50… that is not below `number`."""
    size = 1
    while True:
        for step in (1, 2, 5):
            if step * size >= number:
                return step * size
        size *= 10


def lines(most):
    """The numbers from 0 for the lines behind columns, of which the highest counts `most`: a handful, evenly apart."""
    step = round_up(max(1, most) / 5)
    return list(range(0, max(1, most) + step, step))


def classes(most, number=5):
    """Where each of at most `number` classes of numbers from 1 to `most` begins; each is a multiple of the one before.

    As (first, last) of each class.
    """
    if not most:
        return []
    begins = sorted({rounded(round(most ** (step / number))) for step in range(number)})
    return list(zip(begins, [*(begin - 1 for begin in begins[1:]), most], strict=True))


def rounded(number):
    """`number` with its first digit alone: 237 is 200."""
    size = 10 ** (len(str(number)) - 1)
    return number // size * size
