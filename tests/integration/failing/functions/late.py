import time


def handler(event: object, context: object) -> None:
    time.sleep(3)  # two seconds more than it has
