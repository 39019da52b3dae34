"""Sends user messages with consecutive numbers to the kernel: numbered.py FROM TO PAUSE_MS. Each waits for its ack.
SIGTERM ends it early. Prints the number that would have been next.
"""
import signal
import socket
import struct
import sys
import time

AUDIT_USER, NLM_F_REQUEST, NLM_F_ACK, NETLINK_AUDIT = 1005, 1, 4, 9
first, last, pause = int(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3]) / 1000
is_ended = False


def end(_signal, _frame):
    global is_ended
    is_ended = True


signal.signal(signal.SIGTERM, end)
kernel = socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, NETLINK_AUDIT)
kernel.bind((0, 0))
number = first
while number < last and not is_ended:
    text = f"numbered={number}".encode() + b"\0"
    text += b"\0" * (-len(text) % 4)
    kernel.send(struct.pack("=IHHII", 16 + len(text), AUDIT_USER, NLM_F_REQUEST | NLM_F_ACK, number, 0) + text)
    answer = kernel.recv(4096)
    error = struct.unpack_from("=i", answer, 16)[0]
    if error != 0:
        sys.exit(f"numbered.py: {number}: error {error}")
    number += 1
    time.sleep(pause)
print(number)
