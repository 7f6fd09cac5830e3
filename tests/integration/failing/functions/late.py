import time


def handler(event: object, context: object) -> None:
    time.sleep(10)  # nine seconds more than it has: SAM is late itself on a busy machine
