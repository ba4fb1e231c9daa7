"""Deflate as small as it gets: libdeflate's slowest level where the library is here, else zlib's. Any reader of gzip or zip reads it."""
import ctypes, ctypes.util, struct, zlib


class Libdeflate:
    def __init__(self):
        name = ctypes.util.find_library("deflate")
        self.library = ctypes.CDLL(name) if name else None
        if self.library:
            self.library.libdeflate_alloc_compressor.restype = ctypes.c_void_p
            for function in ("libdeflate_deflate_compress_bound", "libdeflate_deflate_compress"):
                getattr(self.library, function).restype = ctypes.c_size_t
            self.compressor = ctypes.c_void_p(self.library.libdeflate_alloc_compressor(12))

    def raw(self, data):
        """The data as a raw deflate stream."""
        if not self.library:
            packer = zlib.compressobj(9, zlib.DEFLATED, -15)
            return packer.compress(data) + packer.flush()
        room = self.library.libdeflate_deflate_compress_bound(self.compressor, ctypes.c_size_t(len(data)))
        packed = ctypes.create_string_buffer(room)
        count = self.library.libdeflate_deflate_compress(
            self.compressor, data, ctypes.c_size_t(len(data)), packed, ctypes.c_size_t(room))
        return packed.raw[:count]


def gzip(data, moment):
    """The data as a gzip file of that time."""
    head = struct.pack("<BBBBIBB", 0x1F, 0x8B, 8, 0, moment & 0xFFFFFFFF, 2, 3)
    return head + Libdeflate().raw(data) + struct.pack("<II", zlib.crc32(data), len(data) & 0xFFFFFFFF)


def zipped(files, moment):
    """A zip archive of (name, data, mode), in their order; moment is a time's first six fields."""
    deflate, out, directory = Libdeflate(), bytearray(), bytearray()
    year, month, day, hour, minute, second = moment
    stamp = struct.pack("<HH", hour << 11 | minute << 5 | second // 2, (year - 1980) << 9 | month << 5 | day)
    for name, data, mode in files:
        packed, start, word = deflate.raw(data), len(out), name.encode()
        common = struct.pack("<HHH", 20, 0x800, 8) + stamp + struct.pack("<IIIHH", zlib.crc32(data), len(packed), len(data), len(word), 0)
        out += b"PK\3\4" + common + word + packed
        directory += b"PK\1\2" + struct.pack("<H", 3 << 8 | 20) + common + struct.pack("<HHHII", 0, 0, 0, (0o100000 | mode) << 16, start) + word
    count = len(files)
    return bytes(out + directory + b"PK\5\6" + struct.pack("<HHHHIIH", 0, 0, count, count, len(directory), len(out), 0))
