"""Takes the ELF kernel out of a bzImage: vmlinux.py BZIMAGE OUTPUT. See Documentation/arch/x86/boot.rst, payload_offset."""
import lzma
import struct
import sys
import zlib

image = open(sys.argv[1], "rb").read()
setup_sectors = image[0x1F1] or 4
offset, length = struct.unpack_from("<II", image, 0x248)
payload = image[(setup_sectors + 1) * 512 + offset :][:length]
if payload.startswith(b"\xfd7zXZ\0"):
    kernel = lzma.LZMADecompressor().decompress(payload)
elif payload.startswith(b"\x1f\x8b"):
    kernel = zlib.decompressobj(31).decompress(payload)
else:
    sys.exit(f"vmlinux.py: {sys.argv[1]}: compressed with neither xz nor gzip")
open(sys.argv[2], "wb").write(kernel)
