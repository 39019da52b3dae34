{
  "targets": [
    {
      "target_name": "node_auditd",
      "sources": [
        "native/addon.cc",
        "<!@(ls native/*/*.cc | grep -v ^native/keeper/)"
      ],
      "include_dirs": ["<!(node -p \"require('node-addon-api').include_dir\")"],
      "defines": ["NAPI_VERSION=9", "NODE_ADDON_API_DISABLE_CPP_EXCEPTIONS", "NODE_ADDON_API_DISABLE_DEPRECATED"],
      "cflags!": ["-fno-exceptions"],
      "cflags_cc!": ["-std=gnu++17", "-std=gnu++20", "-fno-exceptions"],
      "cflags_cc": [
        "-std=c++17",
        "-fno-exceptions",
        "-fvisibility=hidden",
        "-Wall",
        "-Wextra",
        "-Werror",
        "-O2",
        "-fstack-protector-strong",
        "-fstack-clash-protection",
        "-U_FORTIFY_SOURCE",
        "-D_FORTIFY_SOURCE=2"
      ],
      "ldflags": ["-Wl,-z,relro", "-Wl,-z,now", "-Wl,-z,noexecstack"]
    },
    {
      "target_name": "auditd-keeper",
      "type": "executable",
      "sources": ["<!@(ls native/keeper/*.cc)"],
      "cflags_cc!": ["-std=gnu++17", "-std=gnu++20", "-fno-exceptions"],
      "cflags_cc": [
        "-std=c++17",
        "-fno-exceptions",
        "-Wall",
        "-Wextra",
        "-Werror",
        "-O2",
        "-fPIE",
        "-fstack-protector-strong",
        "-fstack-clash-protection",
        "-U_FORTIFY_SOURCE",
        "-D_FORTIFY_SOURCE=2"
      ],
      "ldflags": ["-pie", "-Wl,-z,relro", "-Wl,-z,now", "-Wl,-z,noexecstack"]
    }
  ]
}
