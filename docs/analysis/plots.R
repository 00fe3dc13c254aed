#!/usr/bin/env Rscript
# Redraws the main plots of result folders of noobcash simulate attack|network and noobcash experiment.
#
#   Rscript plots.R results/selfish results/network
#
# Needs nothing but R. With the package nanoparquet or arrow it reads the Parquet files; without them the
# CSV files beside these, which hold the same table, and it says so. Plots go to NOOBCASH_PLOTS, or here.

folders <- commandArgs(trailingOnly = TRUE)
if (length(folders) == 0) stop("Cannot draw: got no folder, wanted result folders", call. = FALSE)
plots <- Sys.getenv("NOOBCASH_PLOTS", ".")

read_table <- function(folder, name) {
  parquet <- file.path(folder, paste0(name, ".parquet"))
  if (file.exists(parquet) && requireNamespace("nanoparquet", quietly = TRUE)) {
    table <- as.data.frame(nanoparquet::read_parquet(parquet))
    cat(sprintf("%s: %d rows\n", parquet, nrow(table)))
  } else if (file.exists(parquet) && requireNamespace("arrow", quietly = TRUE)) {
    table <- as.data.frame(arrow::read_parquet(parquet))
    cat(sprintf("%s: %d rows\n", parquet, nrow(table)))
  } else {
    csv <- file.path(folder, paste0(name, ".csv"))
    table <- read.csv(csv, check.names = FALSE)
    cat(sprintf("%s: %d rows (no reader of Parquet is installed)\n", csv, nrow(table)))
  }
  table
}

has <- function(folder, name) {
  any(file.exists(file.path(folder, paste0(name, c(".parquet", ".csv")))))
}

draw <- function(folder, name, plot) {
  path <- file.path(plots, paste0(basename(folder), "-", name, "-r.png"))
  png(path, width = 840, height = 504, res = 110)
  par(mar = c(4.2, 4.2, 2.5, 1))
  plot()
  invisible(dev.off())
  cat("drawn:", path, "\n")
}

intervals <- function(x, low, high, ...) {
  wide <- is.finite(low) & is.finite(high) & high > low
  if (any(wide)) {
    arrows(x[wide], low[wide], x[wide], high[wide], angle = 90, code = 3, length = 0.03, ...)
  }
}

draw_attack <- function(folder, points) {
  runs <- match("runs", names(points))
  figure <- names(points)[runs + 1]
  axes <- setdiff(names(points)[seq_len(runs - 1)], c("attack", "share"))
  theory <- grep("^theory: ", names(points), value = TRUE)
  key <- if (length(axes) == 0) rep("measured", nrow(points)) else {
    do.call(paste, c(Map(function(name) paste(name, points[[name]]), axes), sep = ", "))
  }
  draw(folder, "attack", function() {
    # A fifth of room above for the legend.
    span <- range(points$low95, points$high95, na.rm = TRUE)
    plot(points$share, points[[figure]], type = "n", ylim = span + c(0, 0.2 * diff(span)),
      xlab = "attacker's share of the hash power", ylab = figure,
      main = paste0(points$attack[1], ": points with 95 % intervals, lines are theory"))
    grid()
    for (number in seq_along(unique(key))) {
      group <- points[key == unique(key)[number], ]
      group <- group[order(group$share), ]
      points(group$share, group[[figure]], pch = 19, col = number)
      intervals(group$share, group$low95, group$high95, col = number)
      if (length(theory) > 0) lines(group$share, group[[theory[1]]], col = number)
    }
    legend("topleft", legend = unique(key), col = seq_along(unique(key)), pch = 19, cex = 0.8,
      bg = "white", box.col = NA, inset = 0.01)
  })
}

draw_network <- function(folder, points) {
  points <- points[order(points$intervalMs), ]
  seconds <- points$intervalMs / 1000
  rate <- 100 * points$forkRate
  half <- 100 * points$forkRateHalfWidth95
  top <- max(rate + ifelse(is.finite(half), half, 0), 100 * points$expectedForkRate)
  draw(folder, "forks", function() {
    plot(seconds, rate, log = "x", pch = 19, ylim = c(0, top), xlab = "time between blocks, s",
      ylab = "heights with more than one block, %",
      main = paste("Forks in a network of", points$nodes[1], "nodes"))
    grid()
    intervals(seconds, rate - half, rate + half)
    lines(seconds, 100 * points$expectedForkRate, col = 2)
    legend("topright", legend = c("measured, with 95 % intervals", "expected from the propagation that was measured"),
      col = 1:2, pch = c(19, NA), lty = c(NA, 1), bty = "n", cex = 0.8)
  })
}

titles <- c(txPerSecond = "Confirmed transactions a second", blockTimeMs = "Time between blocks, ms")

draw_experiment <- function(folder, results, metric) {
  points <- results[results$metric == metric, ]
  if (nrow(points) == 0) return()
  half <- ifelse(is.finite(points$half_width_95), points$half_width_95, 0)
  key <- paste0(points$nodes, " nodes, difficulty ", points$difficulty)
  draw(folder, metric, function() {
    plot(points$capacity, points$mean, type = "n", ylim = c(0, max(points$mean + half)),
      xlab = "transactions a block (capacity)", ylab = titles[[metric]],
      main = paste0(titles[[metric]], ": means with 95 % intervals"))
    grid()
    for (number in seq_along(unique(key))) {
      own <- key == unique(key)[number]
      order <- order(points$capacity[own])
      lines(points$capacity[own][order], points$mean[own][order], type = "b", pch = 19, col = number)
      intervals(points$capacity[own], (points$mean - half)[own], (points$mean + half)[own], col = number)
    }
    legend("topleft", legend = unique(key), col = seq_along(unique(key)), pch = 19, cex = 0.8,
      bg = "white", box.col = NA, inset = 0.01)
  })
}

for (folder in folders) {
  if (has(folder, "figures")) {
    points <- read_table(folder, "figures")
    if ("attack" %in% names(points)) draw_attack(folder, points)
    if ("expectedForkRate" %in% names(points)) draw_network(folder, points)
  }
  if (has(folder, "results")) {
    results <- read_table(folder, "results")
    for (metric in names(titles)) draw_experiment(folder, results, metric)
  }
}
