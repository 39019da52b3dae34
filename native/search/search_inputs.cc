#include "search_inputs.h"

#include <errno.h>
#include <sys/stat.h>

#include <algorithm>

namespace audit {

InputChoice ChooseInputs(const InputWish& wish) {
  InputChoice choice;
  switch (wish.kind) {
    case InputWish::Kind::kDescriptor:
      choice.inputs.push_back(LogInput::Descriptor(wish.descriptor, wish.path));
      return choice;
    case InputWish::Kind::kFile:
      choice.inputs.push_back(LogInput::File(wish.path));
      return choice;
    case InputWish::Kind::kSet:
      break;
  }
  choice.inputs = FindLogSet(wish.path);
  if (choice.inputs.empty()) {
    choice.error = errno;
    return choice;
  }
  auto begin = choice.inputs.begin();
  if (wish.first.has_value()) {
    begin = std::find_if(choice.inputs.begin(), choice.inputs.end(), [&wish](const LogInput& input) {
      return input.device == wish.first->device && input.inode == wish.first->inode;
    });
    if (begin == choice.inputs.end()) {
      choice.inputs.clear();
      choice.is_first_missing = true;
      return choice;
    }
  } else if (wish.start.has_value()) {
    begin += static_cast<ptrdiff_t>(FirstWanted(choice.inputs, *wish.start));
  }
  choice.inputs.erase(choice.inputs.begin(), begin);
  return choice;
}

std::optional<FileIdentity> IdentityOf(const LogInput& input) {
  if (input.inode != 0) return FileIdentity{input.device, input.inode};
  struct stat facts;
  if (stat(input.path.c_str(), &facts) != 0) return std::nullopt;
  return FileIdentity{facts.st_dev, facts.st_ino};
}

}  // namespace audit
