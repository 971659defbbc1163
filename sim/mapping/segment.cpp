#include "sim/mapping/segment.h"

namespace bitscale::mapping {
namespace {

std::int64_t last_of(const Task& task, std::int64_t extent) { return task.has_last ? extent : 0; }

}  // namespace

Cut group_cut(const Task& task, const Tiling& tiling) {
  return {task.core.groups, last_of(task, task.last.groups), tiling.groups};
}

Cut channel_cut(const Task& task, const Tiling& tiling) {
  return {task.core.channels, last_of(task, task.last.channels), tiling.channels};
}

Cut reduction_cut(const Task& task, const Tiling& tiling) {
  return {task.core.reduction, last_of(task, task.last.reduction), tiling.reduction};
}

Cut image_cut(const Task& task, const Tiling& tiling) {
  return {task.core.images, last_of(task, task.last.images), tiling.images};
}

Cut row_cut(const Task& task, const Tiling& tiling) {
  return {task.core.rows, last_of(task, task.last.rows),
          tiling.rows,    task.stride_height,
          task.pad_top,   (task.kernel_height - 1) * task.dilation_height + 1,
          task.in_height};
}

Cut col_cut(const Task& task, const Tiling& tiling) {
  return {task.core.cols, last_of(task, task.last.cols),
          tiling.cols,    task.stride_width,
          task.pad_left,  (task.kernel_width - 1) * task.dilation_width + 1,
          task.in_width};
}

}  // namespace bitscale::mapping
